import { defineFacts, type Entity, Unknown } from './fact.js';
import { privateBytes } from './growth.js';
import { STACKS } from './kernel-code.js';
import type { View } from './view.js';

const GROUP_MEMBERS = 5;

/** What the kernel holds for itself beside slab. */
export default defineFacts({
  'pt.bytes': {
    title: 'Page tables',
    unit: 'bytes',
    formula: 'PageTables; else Σ VmPTE of the processes',
    validity: 'a minimum where it comes from processes: not all may be listed',
    value: tables,
  },
  'pt.pct': {
    title: 'Page tables, share of memory outside of huge page pools',
    unit: '%',
    formula: '100 × pt.bytes / ram.usable_bytes',
    value: (view) => (100 * tables(view)) / view.number('ram.usable_bytes'),
  },
  'pt.per_rss_pct': {
    title: 'Page tables against the memory that they map',
    unit: '%',
    formula: '100 × PageTables / (AnonPages + Mapped); else 100 × Σ VmPTE / Σ RSS of the processes with a VmPTE',
    validity: '0.2 % for each mapping of a 4 KiB page; far above 1 % the same memory is mapped many times, or mappings are sparse',
    value: (view) =>
      view.maybe(() => (100 * view.meminfo('PageTables')) / (view.meminfo('AnonPages') + view.meminfo('Mapped'))) ?? ofProcesses(view),
  },
  'vmalloc.net_bytes': {
    title: 'vmalloc memory of the kernel, without kernel stacks',
    unit: 'bytes',
    formula: 'max(0, VmallocUsed − KernelStack); without KReclaimable (before 4.20) Σ pages of /proc/vmallocinfo without kernel stacks',
    validity: 'VmallocUsed counts pages in kernel 5.4 and later. Stacks may lie elsewhere: then too low by them',
    value: (view) => {
      const counted = view.maybe(() => view.last('meminfo'))?.['KReclaimable'] !== undefined;
      if (counted) return Math.max(0, view.meminfo('VmallocUsed') - view.meminfo('KernelStack'));
      const listed = view.maybe(() => view.last('vmallocinfo'));
      if (!listed) throw new Unknown('this kernel does not count the pages of vmalloc, and /proc/vmallocinfo was not read');
      view.used('/proc/vmallocinfo pages');
      return listed.bytes - listed.callers.filter(({ caller }) => STACKS.test(caller)).reduce((sum, { bytes }) => sum + bytes, 0);
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
    validity: 'of the largest processes; without a size when more processes have that name than were read one by one',
    value: pageTableOwner,
  },
});

function tables(view: View): number {
  const counted = view.maybe(() => view.meminfo('PageTables'));
  if (counted !== undefined) return counted;
  const { pageTables } = view.last('processes');
  view.used('/proc/PID/status VmPTE');
  // a list without that column has it as 0
  if (pageTables === 0) throw new Unknown('neither PageTables of /proc/meminfo nor VmPTE of the processes was read');
  return pageTables;
}

function ofProcesses(view: View): number {
  const told = view.last('processes').top.filter(({ pte }) => pte > 0);
  view.used('/proc/PID/status VmPTE, VmRSS');
  if (told.length === 0) throw new Unknown('VmPTE of the processes was not read');
  const sum = (of: (each: (typeof told)[number]) => number): number => told.reduce((all, each) => all + of(each), 0);
  return (100 * sum(({ pte }) => pte)) / sum(({ anon, file, shmem }) => anon + file + shmem);
}

function unaccountedGrowth(view: View): number {
  return view.number('acct.unaccounted_growth_bytes_per_second') * view.pair('zoneinfo').seconds;
}

function pageTableOwner(view: View): Entity {
  const { top: all, groups: named } = view.last('processes');
  // of a large pool the largest were read one by one: what they hold is not all of it
  const isWhole = (name: string, seen: number): boolean => !named.some((one) => one.name === name && one.count > seen);
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
    return { kind: 'process-group', name, bytes: isWhole(name, group.count) ? group.pte : null };
  return { kind: 'process', name: first.name, pid: first.pid, bytes: first.pte };
}
