import { bytes, rate } from '../format.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import { byWho, entityOf, type Group, tellWho, tracedRows, whoName } from './traced-rows.js';
import type { View } from './view.js';

/** Traced: who faults, which files are read in, who reads from swap. */
export default defineFacts({
  'traced.fault_who': {
    title: 'Who took page faults',
    unit: 'text',
    formula: 'software:page-faults by process, the most first',
    value: (view) => told(view, faults(view, 'faults'), 'nobody took a page fault while it was traced'),
  },
  'traced.fault_rate': {
    title: 'Page faults a second of the process with most of them',
    unit: '1/s',
    formula: 'max by process software:page-faults / time traced',
    value: (view) => (faults(view, 'faults')[0]?.sum ?? 0) / tracedRows(view, 'page-faults').seconds,
  },
  'traced.major_fault_who': {
    title: 'Whose page faults had to wait for a disk',
    unit: 'text',
    formula: 'software:major-faults by process, the most first',
    value: (view) => told(view, faults(view, 'majorFaults'), 'nobody took a major fault while it was traced'),
  },
  'traced.major_faulter': {
    title: 'The process whose page faults waited most for a disk',
    unit: 'entity',
    formula: 'max by process software:major-faults',
    value: (view): Entity => {
      const [first] = faults(view, 'majorFaults');
      if (!first) throw new Unknown('nobody took a major fault while it was traced');
      return entityOf(view, first);
    },
  },
  'traced.file_who': {
    title: 'Which files were read into the page cache',
    unit: 'text',
    formula: 'pages added to the page cache by file, the most first; × page size / time traced',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/filemap.h',
    value: (view) => {
      const { rows, seconds } = tracedRows(view, 'file-faults');
      const files = byWho(
        rows.map(({ file, pages }) => ({ comm: file, pages })),
        ({ pages }) => pages,
      );
      return tellWho(
        files,
        ({ name, sum }) => `${name} ${bytes((sum * view.pageSize) / seconds)}/s`,
        'no file was read while it was traced',
      );
    },
  },
  'traced.file_bytes_per_second': {
    title: 'File pages that entered the page cache, in the trace',
    unit: 'bytes/s',
    formula: 'Σ pages added to the page cache × page size / time traced',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/filemap.h',
    value: (view) => {
      const { rows, seconds } = tracedRows(view, 'file-faults');
      return (rows.reduce((sum, { pages }) => sum + pages, 0) * view.pageSize) / seconds;
    },
  },
  'traced.swap_in_who': {
    title: 'Who read pages back from swap',
    unit: 'text',
    formula: 'pages read from swap by process, the most first; where that cannot be seen major faults, as is said then',
    value: (view) =>
      tellWho(
        swapIns(view),
        (who) => `${whoName(who)} ${rate(who.sum / tracedRows(view, 'swap-in').seconds, 'pages')}`,
        'nobody read from swap while it was traced',
      ) + (view.traced('swap-in').backend === 'software' || view.traced('swap-in').backend === 'proc' ? OF_FILES_TOO : ''),
  },
  'traced.swapper': {
    title: 'The process that read most from swap',
    unit: 'entity',
    formula: 'max by process pages read from swap',
    value: (view): Entity => {
      const [first] = swapIns(view);
      if (!first) throw new Unknown('nobody read from swap while it was traced');
      return entityOf(view, first);
    },
  },
});

/** Where the kernel's own reading of swap could not be seen. */
const OF_FILES_TOO = ' (page faults that waited for a disk, those of files too)';

const faults = (view: View, field: 'faults' | 'majorFaults') => {
  const { rows } = tracedRows(view, 'page-faults');
  if (field === 'majorFaults' && rows.length > 0 && rows.every(({ majorFaults }) => majorFaults === undefined))
    throw new Unknown('the trace page-faults could not tell major faults here');
  return byWho(rows, (row) => row[field] ?? 0);
};

const swapIns = (view: View) => byWho(tracedRows(view, 'swap-in').rows, ({ pages }) => pages);

const told = (view: View, groups: readonly Group<unknown>[], nobody: string): string =>
  tellWho(groups, (who) => `${whoName(who)} ${rate(who.sum / tracedRows(view, 'page-faults').seconds)}`, nobody);
