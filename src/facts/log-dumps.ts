import { defineFacts, Unknown } from './fact.js';
import { LOSSY, logOf, type Moment } from './log-lines.js';
import { sizeOf } from './oom-moment.js';
import { heldBy, type OomSheet, sheetOf, type SheetKey } from './oom-sheet.js';
import type { View } from './view.js';

/** The kernel's print of its memory, pasted without the lines that say why. */
export default defineFacts({
  'log.dumps': {
    title: 'Prints of what memory holds, without the line that says why',
    unit: 'count',
    formula:
      'blocks Mem-Info of a pasted log that neither a kill nor a failed allocation nor SysRq m comes before; without their first line, where the log shows nothing else of that kind',
    validity: `0 where the log was not pasted: there older lines were overwritten, not left out; ${LOSSY}`,
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/show_mem.c',
    value: (view) => dumps(view).length,
  },
  'log.dump_file_pct': {
    title: 'File cache when the kernel last printed what memory holds, without saying why, share',
    unit: '%',
    formula: '100 × (active_file + inactive_file) / (pages RAM, else MemTotal)',
    value: (view) => {
      const last = lastOf(view);
      const [active, inactive] = [sizeOf(last, 'active_file'), sizeOf(last, 'inactive_file')];
      if (active === undefined || inactive === undefined) throw new Unknown('the lines that tell the file cache were not shown');
      return (100 * (active + inactive)) / (sizeOf(last, 'ram') ?? view.number('mem.total_bytes'));
    },
  },
  'log.dump_total_bytes': {
    title: 'RAM when the kernel last printed what memory holds, without saying why',
    unit: 'bytes',
    formula: 'pages RAM − pages reserved, else Σ managed (before 3.8 present) of the zones shown',
    value: (view) => sheet(view).totalBytes,
  },
  'log.dump_slab_pct': {
    title: 'Kernel objects when the kernel last printed what memory holds, without saying why, share',
    unit: '%',
    formula: '100 × slab_unreclaimable / log.dump_total_bytes; all slab where the kernel does not tell the two apart (before 2.6.31)',
    value: (view) => share(view, 'slab_unreclaimable'),
  },
  'log.dump_lists_pct': {
    title: 'Memory of processes and files when the kernel last printed what memory holds, without saying why, share',
    unit: '%',
    formula: '100 × (anonymous + shmem + file + unevictable) / log.dump_total_bytes',
    value: (view) => share(view, 'anon', 'shmem', 'file', 'unevictable'),
  },
  'log.dump_unaccounted_pct': {
    title: 'Memory on no line when the kernel last printed what memory holds, without saying why, share',
    unit: '%',
    formula: '100 × (log.dump_total_bytes − Σ lines) / log.dump_total_bytes; unknown when a line is missing',
    value: (view) => {
      const { missing, unaccountedBytes, totalBytes } = sheet(view);
      if (missing.some((name) => name !== 'huge page pools')) throw new Unknown(`not shown: ${missing.join(', ')}`);
      return (100 * unaccountedBytes) / totalBytes;
    },
  },
  'log.dump_dry': {
    title: 'The kernel printed what memory holds, without saying why, and the free part was below its minimum',
    unit: 'boolean',
    formula: 'free < min of the largest zone',
    value: (view) => {
      const [largest] = lastOf(view).zones.toSorted((a, b) => (b.managed ?? b.present ?? 0) - (a.managed ?? a.present ?? 0));
      if (largest?.min === undefined) throw new Unknown('the lines of the zones were not shown');
      return largest.free < largest.min;
    },
  },
  'log.dump_reserved_pct': {
    title: 'Memory that the kernel kept back when it last printed what memory holds, without saying why, share',
    unit: '%',
    formula: '100 × pages reserved / pages RAM',
    value: (view) => {
      const { ram, reserved } = lastOf(view).totals;
      if (ram === undefined || ram === 0 || reserved === undefined) throw new Unknown('“pages RAM” and “pages reserved” were not shown');
      return (100 * reserved) / ram;
    },
  },
  'log.dump_order': {
    title: 'Order of the request after which the kernel printed what memory holds',
    unit: 'count',
    formula: 'order= of the last such print: 2^order pages in a row',
    validity: 'unknown where the line that says it was not shown, as for the most part',
    value: (view) => {
      const { order } = lastOf(view);
      if (order === undefined) throw new Unknown('the lines that say why the kernel printed its memory were not shown');
      return order;
    },
  },
});

function lastOf(view: View): Moment {
  const last = dumps(view).at(-1);
  if (!last) throw new Unknown('the kernel log holds none');
  return last;
}

function sheet(view: View): OomSheet {
  const found = sheetOf(lastOf(view));
  if (!found) throw new Unknown('the kernel log does not show enough of it');
  return found;
}

function share(view: View, ...keys: readonly SheetKey[]): number {
  const found = sheet(view);
  return (100 * heldBy(found, ...keys)) / found.totalBytes;
}

function dumps(view: View): Moment[] {
  const { reports = [] } = logOf(view);
  if (view.snapshot.texts === undefined) return [];
  const alone = reports.every(({ kind }) => kind === 'memory-dump');
  return reports.filter(({ kind, asked, complete }) => kind === 'memory-dump' && asked !== true && (complete.head || alone));
}
