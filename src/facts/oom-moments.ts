/** What the report of the last OOM shows: why, and where the memory was. */
import type { Moment } from '../gather/kernel-log/schema.js';
import { type FactDefinition, defineFacts, Unknown } from './fact.js';
import { atLimit, lastMoment, momentsOf, ramOf, swapOf } from './oom-moment.js';
import { heldBy, type OomSheet, type SheetKey, sheetOf } from './oom-sheet.js';
import { reasonText } from './oom-reason.js';
import { scopeOf, whyOf } from './oom-why.js';
import { zoneName, zonesOf } from './oom-zones.js';
import type { View } from './view.js';

const LAST = 'of the last OOM that the kernel log shows';
const SHARE = 'of RAM less what the kernel reserves; at the limit of a cgroup, of the limit';

/** Shares of the sheet: name, title, the keys of its lines, their fields. */
const SHARES = {
  free_pct: ['Free', ['free'], 'free + free_pcp'],
  anon_pct: ['Private memory of processes', ['anon'], 'active_anon + inactive_anon + isolated_anon − shmem'],
  shmem_pct: ['Shared memory and tmpfs', ['shmem'], 'shmem'],
  file_pct: ['File cache', ['file'], 'active_file + inactive_file + isolated_file'],
  slab_unreclaimable_pct: ['Unreclaimable slab', ['slab_unreclaimable'], 'slab_unreclaimable'],
  slab_reclaimable_pct: ['Reclaimable slab', ['slab_reclaimable'], 'slab_reclaimable'],
  pagetables_pct: ['Page tables', ['pagetables'], 'pagetables + sec_pagetables'],
  kernel_stack_pct: ['Kernel stacks', ['kernel_stack'], 'kernel_stack'],
  hugetlb_pct: ['Huge page pools', ['hugetlb'], 'Σ hugepages_total × hugepages_size'],
  unevictable_pct: ['Locked memory', ['unevictable'], 'unevictable, less shmem on it'],
} as const satisfies Record<string, readonly [string, readonly SheetKey[], string]>;

/** What keeps a share from being known, when the line of the sheet is missing. */
const LINE_OF: Readonly<Record<string, string>> = {
  anon: 'anonymous',
  shmem: 'shared memory and tmpfs',
  file: 'file cache',
  slab_unreclaimable: 'slab, unreclaimable',
  slab_reclaimable: 'slab, reclaimable',
  pagetables: 'page tables',
  kernel_stack: 'kernel stacks',
  hugetlb: 'huge page pools',
  unevictable: 'unevictable (locked)',
};

const shares = Object.fromEntries(
  Object.entries(SHARES).map(([name, [title, keys, fields]]): [string, FactDefinition] => [
    `oom.${name}`,
    {
      title: `${title} at the last OOM, share`,
      unit: '%',
      formula: `100 × (${fields}) / total; ${LAST}; total: ${SHARE}`,
      value: (view) => shareOf(sheet(view), keys),
    },
  ]),
) as Record<`oom.${keyof typeof SHARES}`, FactDefinition>;

export default defineFacts({
  ...shares,
  'oom.moments': {
    title: 'Moments for which the kernel log shows the memory',
    unit: 'count',
    formula: 'reports of OOM kills, failed allocations and stalls in the kernel log, at most 12',
    value: (view) => momentsOf(view).length,
  },
  'oom.why': {
    title: 'Why the last OOM came',
    unit: 'text',
    formula: `the kernel’s decision re-enacted over the zones, marks, reserves and free lists ${LAST}`,
    reference: 'https://elixir.bootlin.com/linux/latest/source/mm/oom_kill.c',
    value: (view) => whyOf(moment(view)).why,
  },
  'oom.why_text': {
    title: 'Why the last OOM came, in a sentence',
    unit: 'text',
    formula: 'as oom.why',
    value: (view) => reasonText(whyOf(moment(view))),
  },
  'oom.scope': {
    title: 'Whose memory ran out at the last OOM',
    unit: 'text',
    formula: `host, cgroup, cpuset, mempolicy (by the constraint), manual (order −1) or unknown; ${LAST}`,
    value: (view) => scopeOf(moment(view)),
  },
  'oom.order': {
    title: 'Order of the allocation at the last OOM',
    unit: 'count',
    formula: `order=; ${LAST}; −1: by SysRq`,
    value: (view) => {
      const { order } = moment(view);
      if (order === undefined) throw new Unknown('the kernel log does not tell the order of the allocation', 'kernel-log');
      return order;
    },
  },
  'oom.trigger_name': {
    title: 'Whose allocation it was at the last OOM',
    unit: 'text',
    formula: `“X invoked oom-killer”; ${LAST}`,
    value: (view) => {
      const { trigger } = moment(view);
      if (trigger === undefined) throw new Unknown('the kernel log does not tell who asked for the memory', 'kernel-log');
      return trigger.name;
    },
  },
  'oom.free_bytes': {
    title: 'Free memory at the last OOM',
    unit: 'bytes',
    formula: `free + free_pcp; ${LAST}; at the limit of a cgroup: limit − usage`,
    value: (view) => heldBy(sheet(view), 'free'),
  },
  'oom.hugetlb_free_pct': {
    title: 'Huge pages that nobody used at the last OOM, share of RAM',
    unit: '%',
    formula: `100 × Σ hugepages_free × hugepages_size / total; ${LAST}`,
    value: (view) => {
      const found = moment(view);
      if (found.hugepages.length === 0) throw new Unknown('the report of the last OOM has no figure for huge page pools');
      return (100 * found.hugepages.reduce((total, pool) => total + pool.size * pool.free, 0)) / sheet(view).totalBytes;
    },
  },
  'oom.unaccounted_bytes': {
    title: 'Memory on no line of the report of the last OOM',
    unit: 'bytes',
    formula: `total − Σ lines; ${LAST}; below zero when lines share pages`,
    value: (view) => unaccounted(sheet(view)),
  },
  'oom.unaccounted_pct': {
    title: 'Memory on no line of the report of the last OOM, share',
    unit: '%',
    formula: `100 × oom.unaccounted_bytes / total: ${SHARE}`,
    value: (view) => (100 * unaccounted(sheet(view))) / sheet(view).totalBytes,
  },
  'oom.swap_total_bytes': {
    title: 'Swap at the last OOM',
    unit: 'bytes',
    formula: `“Total swap”; ${LAST}`,
    value: (view) => swap(view).total,
  },
  'oom.swap_of_ram_pct': {
    title: 'Swap at the last OOM, against RAM',
    unit: '%',
    formula: '100 × Total swap / RAM',
    value: (view) => {
      const ram = ramOf(moment(view));
      if (ram === undefined || ram === 0) throw new Unknown('the report of the last OOM does not show RAM');
      return (100 * swap(view).total) / ram;
    },
  },
  'oom.swap_used_pct': {
    title: 'Swap used at the last OOM',
    unit: '%',
    formula: `100 × (Total swap − Free swap) / Total swap; ${LAST}`,
    value: (view) => {
      const { total, used } = swap(view);
      if (total === 0) throw new Unknown('no swap was configured');
      return (100 * used) / total;
    },
  },
  'oom.ram_bytes': {
    title: 'RAM at the last OOM, less what the kernel reserves',
    unit: 'bytes',
    formula: `pages RAM − pages reserved, else Σ managed of the zones, else Σ of the pages that Mem-Info counts, a lower bound; ${LAST}`,
    value: (view) => {
      const ram = ramOf(moment(view));
      if (ram === undefined) throw new Unknown('the report of the last OOM does not tell the size of RAM');
      return ram;
    },
  },
  'oom.zones_below_min': {
    title: 'Zones without memory for the allocation at the last OOM',
    unit: 'text',
    formula: `zones that the allocation could use with free ≤ min + lowmem_reserve; “none” when there is none; ${LAST}`,
    value: (view) =>
      zones(view)
        .filter(({ usable, short }) => usable !== false && short)
        .map(zoneName)
        .join(', ') || 'none',
  },
  'oom.lowmem_zone': {
    title: 'The low zone that ran dry at the last OOM',
    unit: 'text',
    formula: 'the largest zone that the allocation could use, when a higher one had room',
    value: (view) => {
      const { why } = whyOf(moment(view));
      const [zone] = zones(view)
        .filter(({ usable }) => usable !== false)
        .toSorted((a, b) => (b.managed ?? 0) - (a.managed ?? 0));
      if ((why !== 'low-zone' && why !== 'movable-only') || !zone) throw new Unknown('no low zone ran dry beside a higher one with room');
      return zoneName(zone);
    },
  },
  'oom.highest_free_zone_bytes': {
    title: 'Free memory of the zone with the most at the last OOM',
    unit: 'bytes',
    formula: `max free of the zones, whether the allocation could use them or not; ${LAST}`,
    value: (view) => Math.max(...zones(view).map(({ free }) => free)),
  },
  'oom.slab_top_name': {
    title: 'Largest cache of unreclaimable slab at the last OOM',
    unit: 'text',
    formula: `“Unreclaimable slab info”, largest total; ${LAST}`,
    value: (view) => slab(view).name,
  },
  'oom.slab_top_bytes': {
    title: 'Size of the largest cache of unreclaimable slab at the last OOM',
    unit: 'bytes',
    formula: 'as oom.slab_top_name',
    value: (view) => slab(view).total,
  },
});

function moment(view: View): Moment {
  momentsOf(view);
  return lastMoment(view);
}

function sheet(view: View): OomSheet {
  const found = moment(view);
  const made = sheetOf(found);
  if (made) return made;
  throw new Unknown(
    atLimit(found)
      ? 'the kernel log does not show the statistics of the cgroup'
      : 'the kernel log does not show the memory at the last OOM',
  );
}

function shareOf(made: OomSheet, keys: readonly SheetKey[]): number {
  if (made.of === 'cgroup' && keys.some((key) => key === 'hugetlb' || key === 'unevictable'))
    throw new Unknown('the limit of a cgroup was met: its statistics have no such part of its usage');
  const lost = keys.find((key) => made.missing.includes(LINE_OF[key] ?? ''));
  if (lost !== undefined) throw new Unknown(`the report of the last OOM has no figure for ${LINE_OF[lost]}`);
  return (100 * heldBy(made, ...keys)) / made.totalBytes;
}

/** Lines without which the rest still tells what is lost: stacks are small, pools are rare, shmem is on the anonymous lists. */
const BESIDE: ReadonlySet<string> = new Set(['kernel stacks', 'huge page pools', 'shared memory and tmpfs']);

/** A line that is missing would count as lost memory. */
function unaccounted({ of, missing, unaccountedBytes }: OomSheet): number {
  const lines = missing.filter((name) => !BESIDE.has(name));
  if (of === 'host' && lines.length > 0) throw new Unknown(`the report of the last OOM has no figure for ${lines.join(', ')}`);
  return unaccountedBytes;
}

function swap(view: View): { total: number; used: number } {
  const found = swapOf(moment(view));
  if (!found) throw new Unknown('the report of the last OOM does not show swap');
  return found;
}

function zones(view: View): ReturnType<typeof zonesOf> {
  const found = zonesOf(moment(view));
  if (found.length === 0) throw new Unknown('the report of the last OOM shows no zones');
  return found;
}

function slab(view: View): Moment['slabs'][number] {
  const [top] = moment(view).slabs.toSorted((a, b) => b.total - a.total);
  if (!top)
    throw new Unknown('the report of the last OOM lists no slab caches: the kernel does so only when they outweigh the pages of processes');
  return top;
}
