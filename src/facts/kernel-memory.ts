import { defineFacts, type Entity, Unknown } from './fact.js';
import { privateBytes } from './growth.js';
import type { View } from './view.js';

const GROUP_MEMBERS = 5;

/** What the kernel holds for itself beside slab. */
export default defineFacts({
  'pt.bytes': { title: 'Page tables', unit: 'bytes', formula: 'PageTables', value: (view) => view.meminfo('PageTables') },
  'pt.pct': {
    title: 'Page tables, share of memory outside of huge page pools',
    unit: '%',
    formula: '100 × PageTables / ram.usable_bytes',
    value: (view) => (100 * view.meminfo('PageTables')) / view.number('ram.usable_bytes'),
  },
  'pt.per_rss_pct': {
    title: 'Page tables against the memory that they map',
    unit: '%',
    formula: '100 × PageTables / (AnonPages + Mapped)',
    validity: '0.2 % for each mapping of a 4 KiB page; far above 1 % the same memory is mapped many times, or mappings are sparse',
    value: (view) => (100 * view.meminfo('PageTables')) / (view.meminfo('AnonPages') + view.meminfo('Mapped')),
  },
  'vmalloc.net_bytes': {
    title: 'vmalloc memory of the kernel, without kernel stacks',
    unit: 'bytes',
    formula: 'max(0, VmallocUsed − KernelStack)',
    validity: 'kernel 5.4 and later, where VmallocUsed counts pages; known by KReclaimable. Stacks may lie elsewhere: then too low by them',
    value: (view) => {
      if (view.last('meminfo')['KReclaimable'] === undefined) throw new Unknown('this kernel does not count the pages of vmalloc');
      return Math.max(0, view.meminfo('VmallocUsed') - view.meminfo('KernelStack'));
    },
  },
  'vmalloc.net_pct': {
    title: 'vmalloc memory of the kernel, share of memory outside of huge page pools',
    unit: '%',
    formula: '100 × vmalloc.net_bytes / ram.usable_bytes',
    value: (view) => (100 * view.number('vmalloc.net_bytes')) / view.number('ram.usable_bytes'),
  },
  'acct.unaccounted_growth_bytes': {
    title: 'Growth in the sample of what no counter accounts for',
    unit: 'bytes',
    formula: 'acct.unaccounted_growth_bytes_per_second × Δt',
    validity: 'a change below drift.bytes + 4 MiB is noise and counts as 0',
    value: unaccountedGrowth,
  },
  'acct.unaccounted_growth_of_ram_pct': {
    title: 'Growth in the sample of what no counter accounts for, share of MemTotal',
    unit: '%',
    formula: '100 × acct.unaccounted_growth_bytes / MemTotal',
    value: (view) => (100 * unaccountedGrowth(view)) / view.meminfo('MemTotal'),
  },
  'owner.page_tables': {
    title: 'Whose page tables are the largest',
    unit: 'entity',
    formula: 'max VmPTE of a process; of a name, when at least 5 processes of that name hold twice as much together',
    validity: 'of the largest processes',
    value: pageTableOwner,
  },
});

function unaccountedGrowth(view: View): number {
  return view.number('acct.unaccounted_growth_bytes_per_second') * view.pair('zoneinfo').seconds;
}

function pageTableOwner(view: View): Entity {
  const all = view.last('processes').top;
  view.used('/proc/PID/status VmPTE');
  const [first] = all.toSorted((a, b) => b.pte - a.pte || privateBytes(b) - privateBytes(a));
  if (!first || first.pte === 0) throw new Unknown('no visible process has page tables');
  const groups = new Map<string, { count: number; pte: number }>();
  for (const { name, pte } of all) {
    const { count, pte: sum } = groups.get(name) ?? { count: 0, pte: 0 };
    groups.set(name, { count: count + 1, pte: sum + pte });
  }
  const [name, group] = [...groups].toSorted(([, a], [, b]) => b.pte - a.pte)[0] ?? [];
  if (name !== undefined && group && group.count >= GROUP_MEMBERS && group.pte >= 2 * first.pte)
    return { kind: 'process-group', name, bytes: group.pte };
  return { kind: 'process', name: first.name, pid: first.pid, bytes: first.pte };
}
