import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

/** What says nothing of how memory is used: who and what the host is, and how it is set up. */
const SETTINGS = new Set(['environment', 'version', 'os-release', 'cmdline', 'uptime', 'sysctl-vm', 'socket-limits', 'modules']);
/** One subject each: the sources that tell of it, and the lines of /proc/meminfo that do. */
const SUBJECTS: readonly { readonly name: string; readonly sources: readonly string[]; readonly lines: RegExp }[] = [
  {
    name: 'huge pages',
    sources: ['meminfo', 'course', 'hugepages', 'transparent-hugepage', 'node'],
    lines: /^(?:HugePages_\w+|Hugepagesize|Hugetlb|(?:Anon|Shmem|File)HugePages|(?:Shmem|File)PmdMapped)$/,
  },
  {
    name: 'slab caches',
    sources: ['meminfo', 'course', 'slabinfo', 'dentry-state', 'inode-state'],
    lines: /^(?:Slab|SReclaimable|SUnreclaim|KReclaimable)$/,
  },
  { name: 'page tables', sources: ['meminfo', 'course'], lines: /^PageTables$/ },
  { name: 'sockets', sources: ['sockstat', 'net-sockets'], lines: /^$/ },
  { name: 'control groups', sources: ['cgroup', 'meminfo'], lines: /^MemTotal$/ },
  { name: 'pressure', sources: ['pressure'], lines: /^$/ },
  { name: 'file systems in memory', sources: ['mounts'], lines: /^$/ },
  { name: 'memory and swap over time', sources: ['meminfo', 'course', 'vmstat'], lines: /^(?:MemFree|Buffers|Cached|Active|Inactive)$/ },
];
const SEVERAL = 'several subjects';
/** Counters that rows of vmstat, sar -B and sar -W give. /proc/vmstat has a hundred more. */
const OF_ROWS = /^(?:pswpin|pswpout|pgpgin|pgpgout)$/;
/** Free memory and cache may fall by so much of themselves while a host is at rest. */
const DRIFT = 0.05;

/** A fragment about one subject says nothing of the rest, but of that it may say that it is fine. */
export default defineFacts({
  'shown.only': {
    title: 'The one subject that anything was shown of',
    unit: 'text',
    formula: `${SUBJECTS.map(({ name }) => name).join(', ')}; control groups also where cg.only; else ${SEVERAL}`,
    value: only,
  },
  'shown.fragment': {
    title: 'Only one subject was shown',
    unit: 'boolean',
    formula: `shown.only is not “${SEVERAL}”`,
    value: (view) => view.fact('shown.only') !== SEVERAL,
  },
  'shown.level_rows': {
    title: 'Free memory and cache did not fall between the first row of vmstat and the last',
    unit: 'boolean',
    formula: `MemFree + Buffers + Cached of the last reading ≥ ${1 - DRIFT} of that of the first`,
    value: (view) => {
      const { first, last } = view.pair('meminfo');
      view.used('/proc/meminfo MemFree, Buffers, Cached');
      return atMost(last) >= (1 - DRIFT) * atMost(first);
    },
  },
  'tmpfs.fullest_pct': {
    title: 'The fullest file system in memory, share of its own size',
    unit: '%',
    formula: 'max 100 × used / size of tmpfs, ramfs and devtmpfs',
    value: (view) => Math.max(...sized(view).map(({ used, size }) => (100 * used) / size)),
  },
  'tmpfs.of_largest_pct': {
    title: 'What all file systems in memory hold, against the size of the largest',
    unit: '%',
    formula: '100 × Σ used / max size of tmpfs',
    validity: 'where the size of RAM is not shown: by default a tmpfs is half of it (shmem_default_max_blocks() of mm/shmem.c)',
    reference: 'https://docs.kernel.org/filesystems/tmpfs.html',
    value: (view) => {
      const all = sized(view);
      return (100 * all.reduce((sum, { used }) => sum + used, 0)) / Math.max(...all.map(({ size }) => size));
    },
  },
});

function only(view: View): string {
  const read = view.snapshot.samples.flatMap(({ sources }) =>
    Object.entries(sources).flatMap(([id, data]) => (data === undefined ? [] : [id])),
  );
  const ids = [...new Set(read)].filter((id) => !SETTINGS.has(id));
  view.used('coverage');
  if (view.maybe(() => view.fact('cg.only')) === true) return 'control groups';
  const lines = view.readings('meminfo').flatMap(({ data }) => Object.keys(data));
  const counters = view.readings('vmstat').flatMap(({ data }) => Object.keys(data));
  const subject = SUBJECTS.find(
    ({ sources, lines: own }) => ids.every((id) => sources.includes(id)) && lines.every((line) => own.test(line)),
  );
  return ids.length > 0 && subject !== undefined && counters.every((name) => OF_ROWS.test(name)) ? subject.name : SEVERAL;
}

const atMost = (meminfo: Readonly<Record<string, number>>): number =>
  ['MemFree', 'Buffers', 'Cached'].reduce((sum, line) => sum + (meminfo[line] ?? 0), 0);

function sized(view: View): { used: number; size: number }[] {
  view.used('/proc/self/mountinfo, statfs');
  const all = view.last('mounts').flatMap(({ size, used }) => (size && used !== undefined ? [{ size, used }] : []));
  if (all.length === 0) throw new Unknown('of no file system in memory the size was shown');
  return all;
}
