import { defineFacts, type Entity, type FactDefinition, Unknown } from './fact.js';
import { bytesOf, type Cache, caches, dominant, isOfFiles, isOfUsers, largeKmalloc, listing, twinOf } from './slab-caches.js';
import type { View } from './view.js';

const MIB = 1 << 20;
/** With fewer lines of slabtop the largest cache may be all that was pasted. */
const LEAST_LISTED = 5;

/** The kernel's own objects: how many, whose, and whether they can be given up. */
export default defineFacts({
  'slab.bytes': {
    title: 'Slab caches',
    unit: 'bytes',
    formula: 'Slab; else SReclaimable + SUnreclaim, or Σ sizes of /proc/slabinfo',
    validity: 'a minimum where it comes from a list of the largest caches',
    value: (view) =>
      view.maybe(() => view.meminfo('Slab')) ??
      view.maybe(() => view.meminfo('SReclaimable') + view.meminfo('SUnreclaim')) ??
      bytesOf(caches(view)),
  },
  'slab.pct': ofUsable('Slab caches', 'slab.bytes', (view) => view.number('slab.bytes')),
  'slab.unreclaimable_bytes': {
    title: 'Slab that only its users can give up',
    unit: 'bytes',
    formula:
      'SUnreclaim; else Slab − SReclaimable, Σ sizes of /proc/slabinfo without names, inodes and buffers of files, or Slab − 2 × MemAvailable: half of what can be given up counts as available, or all but the low watermarks',
    validity: 'a minimum where it comes from a list of the largest caches, or from MemAvailable',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/show_mem.c',
    value: unreclaimable,
  },
  'slab.unreclaim_pct': ofUsable('Slab that only its users can give up', 'slab.unreclaimable_bytes', unreclaimable),
  'slab.unreclaim_at_most_pct': {
    title: 'Slab that only its users can give up, share of RAM at most',
    unit: '%',
    formula: '100 × slab.unreclaimable_bytes / max(slab.bytes, slab.unreclaimable_bytes): there is as much RAM as slab',
    validity: 'for where the size of RAM is not known',
    value: (view) => {
      const held = unreclaimable(view);
      const least = Math.max(held, view.maybe(() => view.number('slab.bytes')) ?? 0);
      return least === 0 ? 0 : (100 * held) / least;
    },
  },
  'slab.unreclaim_share_pct': {
    title: 'Share of slab that only its users can give up',
    unit: '%',
    formula: '100 × SUnreclaim / Slab',
    value: (view) => (100 * view.meminfo('SUnreclaim')) / view.meminfo('Slab'),
  },
  'slab.unreclaim_growth_bytes': {
    title: 'Growth of unreclaimable slab in the sample',
    unit: 'bytes',
    formula: 'Δ SUnreclaim',
    validity: 'a change below drift.bytes + 2 MiB is noise and counts as 0',
    value: growth,
  },
  'slab.unreclaim_growth_bytes_per_second': {
    title: 'Growth of unreclaimable slab',
    unit: 'bytes/s',
    formula: 'Δ SUnreclaim / Δt',
    validity: 'a change below drift.bytes + 2 MiB is noise and counts as 0',
    value: (view) => growth(view) / view.pair('meminfo').seconds,
  },
  'slab.unreclaim_growth_of_ram_pct': {
    title: 'Growth of unreclaimable slab in the sample, share of MemTotal',
    unit: '%',
    formula: '100 × slab.unreclaim_growth_bytes / MemTotal',
    value: (view) => (100 * growth(view)) / view.meminfo('MemTotal'),
  },
  'slab.names_bytes': {
    title: 'Cached names, inodes and buffers of files',
    unit: 'bytes',
    formula:
      'Σ size of dentry, *inode*, buffer_head, radix_tree_node and kmalloc-rcl-* of /proc/slabinfo; SReclaimable where not all caches are listed; else dentry.bytes',
    validity: 'a minimum where it comes from a list of the largest caches, or from the count of names',
    value: names,
  },
  'slab.names_pct': ofUsable('Cached names, inodes and buffers of files', 'slab.names_bytes', (view) => view.number('slab.names_bytes')),
  'slab.names_share_pct': {
    title: 'Cached names, inodes and buffers of files, share of slab',
    unit: '%',
    formula: '100 × slab.names_bytes / slab.bytes',
    validity: 'less than it is where only the largest caches are listed',
    value: (view) => Math.min(100, (100 * view.number('slab.names_bytes')) / view.number('slab.bytes')),
  },
  'slab.names_growth_pct_per_minute': {
    title: 'Growth of the cached names and inodes of files, share of MemTotal per minute',
    unit: '%',
    formula: '100 × 60 × Δ slab.names_bytes / Δt / MemTotal',
    value: (view) => {
      const { first, last, seconds } = view.pair('slabinfo');
      view.used('/proc/slabinfo num_slabs, pagesperslab');
      const change = bytesOf(last.filter(isOfFiles)) - bytesOf(first.filter(isOfFiles));
      return (6000 * change) / seconds / view.meminfo('MemTotal');
    },
  },
  'slab.top_bytes': {
    title: 'The largest slab cache that does not belong to cached files',
    unit: 'bytes',
    formula: 'max size in /proc/slabinfo without dentry, *inode*, buffer_head, radix_tree_node; or Slab − Σ sizes',
    value: (view) => dominant(view)?.bytes ?? 0,
  },
  'slab.top_share_pct': {
    title: 'The largest slab cache that does not belong to cached files, share of Slab',
    unit: '%',
    formula: '100 × slab.top_bytes / Slab; without Slab, of the caches listed, from 5 on',
    validity: 'where only the largest caches are listed and Slab is not known, it is less than that',
    value: topShare,
  },
  'slab.top_pct': ofUsable('The largest slab cache that does not belong to cached files', 'slab.top_bytes', (view) =>
    view.number('slab.top_bytes'),
  ),
  'slab.users_bytes': {
    title: 'Slab objects of what processes hold open: files, sockets, watches, threads, mappings',
    unit: 'bytes',
    formula:
      'Σ size of filp, pid, task_struct, vm_area_struct, anon_vma*, eventpoll_*, TCP, UDP, UNIX, PING, skbuff*, nf_conntrack* and their like, and of kmalloc-* with as many active_objs (within 2 %) as one of them, from 100000 on; at least key.bytes',
    validity:
      'merged caches go under the name of one of them, so some may be another’s; as many buffers as files, packets or keys belong to these: each has one',
    value: (view) => Math.max(bytesOf(ofUsers(caches(view))), view.maybe(() => view.number('key.bytes')) ?? 0),
  },
  'slab.users_share_pct': {
    title: 'Slab objects of what processes hold open, share of unreclaimable slab',
    unit: '%',
    formula: '100 × min(1, slab.users_bytes / slab.unreclaimable_bytes)',
    validity: 'less than it is where only some caches are listed',
    value: (view) => Math.min(100, (100 * view.number('slab.users_bytes')) / unreclaimable(view)),
  },
  'slab.open_files': {
    title: 'Open files of the kernel',
    unit: 'count',
    formula: 'num_objs of filp',
    validity: 'sockets, pipes, eventfds and the like are open files too; unknown when the cache was merged into another',
    value: (view) => {
      const filp = caches(view).find(({ name }) => name === 'filp');
      if (!filp) throw new Unknown('/proc/slabinfo has no filp: it was merged into another cache');
      return filp.objects;
    },
  },
  'slab.large_kmalloc_bytes': {
    title: 'Slab memory that is in no cache: large requests of the kernel',
    unit: 'bytes',
    formula: 'Slab − Σ sizes of /proc/slabinfo',
    validity: 'below drift.bytes + 4 MiB it counts as 0; kernels before 5.4 do not count such requests',
    value: largeKmalloc,
  },
  'slab.bios': {
    title: 'Requests to block devices that are under way, by their slab cache',
    unit: 'count',
    formula: 'active_objs of the cache bio in /proc/slabinfo',
    validity: '0 also where SLUB merged the cache into another one, or others into it: then it is named bio-N',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/block/bio.c',
    value: (view) => caches(view).find(({ name }) => name === 'bio')?.activeObjects ?? 0,
  },
  'owner.slab_cache': {
    title: 'The largest slab cache that does not belong to cached files',
    unit: 'entity',
    formula: 'max size in /proc/slabinfo without dentry, *inode*, buffer_head, radix_tree_node; or Slab − Σ sizes',
    value: (view): Entity => {
      const cache = dominant(view);
      if (!cache) throw new Unknown('/proc/slabinfo lists no cache with anything in it');
      return { kind: 'slab-cache', name: cache.name, bytes: cache.bytes };
    },
  },
  'owner.names_cache': {
    title: 'The largest cache of names, inodes and buffers of files',
    unit: 'entity',
    formula: 'max size of dentry, *inode*, buffer_head, radix_tree_node in /proc/slabinfo',
    value: (view): Entity => {
      const [cache] = caches(view)
        .filter(isOfFiles)
        .toSorted((a, b) => b.bytes - a.bytes);
      if (!cache) throw new Unknown('/proc/slabinfo has no cache of names or inodes');
      return { kind: 'slab-cache', name: cache.name, bytes: cache.bytes };
    },
  },
});

function names(view: View): number {
  const listed = view.maybe(() => bytesOf(caches(view).filter(isOfFiles)));
  if (listed !== undefined && listing(view) === 'whole') return listed;
  return view.maybe(() => view.meminfo('SReclaimable')) ?? listed ?? view.number('dentry.bytes');
}

function unreclaimable(view: View): number {
  return (
    view.maybe(() => view.meminfo('SUnreclaim')) ??
    view.maybe(() => Math.max(0, view.meminfo('Slab') - view.meminfo('SReclaimable'))) ??
    view.maybe(() => bytesOf(caches(view).filter((cache) => !isOfFiles(cache)))) ??
    Math.max(0, view.meminfo('Slab') - 2 * view.meminfo('MemAvailable'))
  );
}

/** Share of the largest cache; of a cut list that nothing else adds up, no share is known unless the list is long enough to tell. */
function topShare(view: View): number {
  const top = view.number('slab.top_bytes');
  const slab = view.maybe(() => view.meminfo('Slab'));
  if (slab !== undefined) return (100 * top) / slab;
  const all = caches(view);
  if (listing(view) === 'part' && all.length < LEAST_LISTED) throw new Unknown('too few slab caches are listed to tell a share');
  return (100 * top) / bytesOf(all);
}

/** Objects of users, and the buffers that come one with each. */
const ofUsers = (all: readonly Cache[]): Cache[] => all.filter((cache) => isOfUsers(cache) || twinOf(cache, all) !== undefined);

function growth(view: View): number {
  const { first, last } = view.pair('meminfo');
  view.used('/proc/meminfo SUnreclaim');
  const [before, after] = [first['SUnreclaim'], last['SUnreclaim']];
  if (before === undefined || after === undefined) throw new Unknown('/proc/meminfo has no SUnreclaim');
  const change = after - before;
  return Math.abs(change) <= view.number('drift.bytes') + 2 * MIB ? 0 : change;
}

function ofUsable(title: string, field: string, bytes: (view: View) => number): FactDefinition {
  return {
    title: `${title}, share of memory outside of huge page pools`,
    unit: '%',
    formula: `100 × ${field} / ram.usable_bytes`,
    value: (view) => (100 * bytes(view)) / view.number('ram.usable_bytes'),
  };
}
