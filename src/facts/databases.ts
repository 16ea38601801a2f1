import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import { privateBytes } from './growth.js';
import type { View } from './view.js';

type Process = SourceData<'processes'>['top'][number];

/** Programs that can keep their shared memory in huge pages when they are told to: by name as the kernel has it. */
const WITH_BUFFERS = /^(?:postgres|postmaster|oracle|ora_|mysqld|mariadbd|java|db2sysc|hdbindexserver)/;

/** Programs whose vendors ask for more mappings than the default: they map each file of data by itself. */
const MAPS_FILES = /\b(?:elasticsearch|opensearch|mongod)\b/;

const LARGEST = 'of the 100 largest processes';

/** Large programs whose memory wants a setting of the kernel. */
export default defineFacts({
  'proc.db_shmem_bytes': {
    title: 'Most shared memory in small pages that one database process or Java machine has mapped',
    unit: 'bytes',
    formula: 'max RssShmem of postgres, oracle, mysqld, java … with HugetlbPages 0',
    validity: `${LARGEST}; 0 when none of them runs; unknown on kernels before 4.5, which do not tell either`,
    reference: 'https://docs.kernel.org/filesystems/proc.html#process-specific-subdirectories',
    value: (view) => database(view)?.shmem ?? 0,
  },
  'owner.database': {
    title: 'The database process or Java machine with most shared memory in small pages',
    unit: 'entity',
    formula: 'as proc.db_shmem_bytes',
    value: (view): Entity => {
      const process = database(view);
      if (!process || process.shmem === 0) throw new Unknown('no database has shared memory mapped in small pages');
      return { kind: 'process', name: process.name, pid: process.pid, bytes: process.shmem };
    },
  },
  'proc.maps_files': {
    title: 'A program that maps each file of its data by itself',
    unit: 'text',
    formula: 'name of elasticsearch, opensearch or mongod, by the name or the command line of a process; none when none of them runs',
    validity: `${LARGEST}; command lines of the largest only`,
    value: (view) => {
      const found = tops(view)
        .map(({ name, command = '' }) => MAPS_FILES.exec(name)?.[0] ?? MAPS_FILES.exec(command)?.[0])
        .find((name) => name !== undefined);
      return found ?? 'none';
    },
  },
  'proc.java_bytes': {
    title: 'Memory of the largest Java machine',
    unit: 'bytes',
    formula: 'max RssAnon + VmSwap of java',
    validity: `${LARGEST}; 0 when none runs`,
    value: (view) => Math.max(0, ...tops(view).flatMap((process) => (process.name === 'java' ? [privateBytes(process)] : []))),
  },
});

function tops(view: View): readonly Process[] {
  view.used('/proc/PID/status Name, RssAnon, RssShmem');
  view.used('/proc/PID/cmdline');
  return view.last('processes').top;
}

/** @throws Unknown when the kernel does not tell huge pages or shared memory apart */
function database(view: View): Process | undefined {
  const all = tops(view).filter(({ name }) => WITH_BUFFERS.test(name));
  view.used('/proc/PID/status HugetlbPages');
  if (all.length > 0 && all.every(({ hugetlb }) => hugetlb === null)) throw new Unknown('/proc/PID/status has no HugetlbPages');
  return all.filter(({ hugetlb }) => hugetlb === 0).toSorted((a, b) => b.shmem - a.shmem)[0];
}
