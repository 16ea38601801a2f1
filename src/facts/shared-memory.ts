import { defineFacts, type Entity, Unknown } from './fact.js';
import { sharedBytes } from './lru.js';
import { orphans, segmentBytes } from './segments.js';
import type { View } from './view.js';

const PROC = 'https://docs.kernel.org/filesystems/proc.html#meminfo';

/** Memory that counts as cache but cannot be dropped: files in tmpfs, System V segments, memfd, shared anonymous mappings. */
export default defineFacts({
  'shm.total_bytes': {
    title: 'Shared memory and tmpfs',
    unit: 'bytes',
    formula: 'Shmem; where it is not printed Cached + Buffers − Active(file) − Inactive(file) − Unevictable',
    reference: PROC,
    value: (view) => sharedBytes(view).bytes,
  },
  'shm.share_of_cached_pct': {
    title: 'Shared memory, share of what counts as cache',
    unit: '%',
    formula: '100 × Shmem / (Cached + Buffers)',
    validity: 'newer versions of free count reclaimable slab as cache too',
    reference: PROC,
    value: (view) => {
      const cache = view.meminfo('Cached') + (view.maybe(() => view.meminfo('Buffers')) ?? 0);
      if (cache === 0) throw new Unknown('nothing counts as cache');
      return Math.min(100, (100 * view.number('shm.total_bytes')) / cache);
    },
  },
  'shm.cache_of_ram_pct': {
    title: 'What counts as cache, share of MemTotal',
    unit: '%',
    formula: '100 × (Cached + Buffers) / MemTotal',
    value: (view) => ofRam(view, view.meminfo('Cached') + (view.maybe(() => view.meminfo('Buffers')) ?? 0)),
  },
  'shm.holders_seen': {
    title: 'Something was read that could tell who holds shared memory',
    unit: 'boolean',
    formula: 'tmpfs file systems with their sizes, System V segments, or processes with shared memory mapped',
    value: holdersSeen,
  },
  'shm.tmpfs_used_bytes': {
    title: 'Files in the visible tmpfs file systems',
    unit: 'bytes',
    formula: 'Σ statfs used of tmpfs and devtmpfs, each file system once',
    validity: 'our mount namespace only; what is swapped out and what is deleted but open counts too',
    value: (view) => fileSystems(view).reduce((sum, { used }) => sum + used, 0),
  },
  'shm.tmpfs_pct': {
    title: 'Files in the visible tmpfs file systems, share of MemTotal',
    unit: '%',
    formula: '100 × shm.tmpfs_used_bytes / MemTotal',
    value: (view) => ofRam(view, view.number('shm.tmpfs_used_bytes')),
  },
  'shm.tmpfs_share_pct': {
    title: 'Files in the visible tmpfs file systems, share of all shared memory',
    unit: '%',
    formula: '100 × min(1, shm.tmpfs_used_bytes / Shmem)',
    validity: 'below 16 MiB of shared memory unknown',
    value: (view) => shareOfShmem(view, view.number('shm.tmpfs_used_bytes')),
  },
  'shm.tmpfs_limits_pct': {
    title: 'What the visible tmpfs file systems may grow to, against RAM and swap',
    unit: '%',
    formula: '100 × Σ statfs size of tmpfs / (MemTotal + SwapTotal)',
    validity: 'those without a limit are left out',
    value: (view) =>
      (100 * fileSystems(view).reduce((sum, { size }) => sum + size, 0)) / (view.meminfo('MemTotal') + view.meminfo('SwapTotal')),
  },
  'shm.top_tmpfs_used_pct': {
    title: 'The tmpfs that holds most, how full',
    unit: '%',
    formula: '100 × statfs used / size of the tmpfs with the most used',
    value: (view) => {
      const { used, size } = top(view);
      return (100 * used) / size;
    },
  },
  'shm.top_tmpfs_of_ram_pct': {
    title: 'The tmpfs that holds most, against MemTotal',
    unit: '%',
    formula: '100 × statfs used / MemTotal of the tmpfs with the most used',
    value: (view) => ofRam(view, top(view).used),
  },
  'shm.sysv_rss_bytes': {
    title: 'System V segments, in memory',
    unit: 'bytes',
    formula: 'Σ rss of /proc/sysvipc/shm',
    validity: 'our IPC namespace only; kernel 2.6.36 and later',
    value: (view) => sysv(view, () => true),
  },
  'shm.orphan_bytes': {
    title: 'System V segments that nobody uses',
    unit: 'bytes',
    formula: 'Σ rss + swap of the segments with nattch 0, detached for 60 s or with creator and last user gone',
    validity:
      'our IPC namespace only; where rss is not told (ipcs, kernels before 2.6.36) the size, if Shmem is about as much as all segments',
    reference: 'https://man7.org/linux/man-pages/man5/proc_sysvipc.5.html',
    value: (view) => orphans(view).reduce((sum, segment) => sum + segmentBytes(view, segment), 0),
  },
  'shm.orphan_pct': {
    title: 'System V segments that nobody uses, share of MemTotal',
    unit: '%',
    formula: '100 × shm.orphan_bytes / MemTotal',
    value: (view) => ofRam(view, view.number('shm.orphan_bytes')),
  },
  'shm.orphan_count': {
    title: 'How many System V segments nobody uses',
    unit: 'count',
    formula: 'segments as in shm.orphan_bytes',
    value: (view) => orphans(view).length,
  },
  'shm.orphan_shmid': {
    title: 'Id of the largest System V segment that nobody uses',
    unit: 'text',
    formula: 'shmid',
    value: (view) => String(largestOrphan(view).shmid),
  },
  'shm.unattributed_bytes': {
    title: 'Shared memory that is in no visible tmpfs and no System V segment',
    unit: 'bytes',
    formula: 'max(0, Shmem − shm.tmpfs_used_bytes − shm.sysv_rss_bytes)',
    validity: 'too low by what tmpfs has in swap; memfd, shared anonymous mappings, other mount namespaces and GPU buffers are here',
    value: (view) => Math.max(0, view.number('shm.total_bytes') - view.number('shm.tmpfs_used_bytes') - view.number('shm.sysv_rss_bytes')),
  },
  'shm.unattributed_pct': {
    title: 'Shared memory that is in no visible tmpfs and no System V segment, share of MemTotal',
    unit: '%',
    formula: '100 × shm.unattributed_bytes / MemTotal',
    value: (view) => ofRam(view, view.number('shm.unattributed_bytes')),
  },
  'shm.top_mapped_bytes': {
    title: 'The most shared memory that one process has mapped',
    unit: 'bytes',
    formula: 'max RssShmem',
    validity: 'of the largest processes; processes that map the same memory are not added up',
    value: (view) => mapper(view).shmem,
  },
  'shm.hidden_pct': {
    title: 'Shared memory that neither a file system, a segment nor the largest mapping explains, share of MemTotal',
    unit: '%',
    formula: '100 × max(0, shm.unattributed_bytes − shm.top_mapped_bytes) / MemTotal',
    value: (view) => ofRam(view, Math.max(0, view.number('shm.unattributed_bytes') - view.number('shm.top_mapped_bytes'))),
  },
  'shm.in_use_pct': {
    title: 'Shared memory that is mapped or attached, share of all shared memory',
    unit: '%',
    formula: '100 × max(max RssShmem, Σ rss of attached segments) / Shmem',
    validity: 'a lower bound; below 16 MiB of shared memory unknown',
    value: (view) => {
      const attached = view.maybe(() => sysv(view, (segment) => segment.attached > 0)) ?? 0;
      return shareOfShmem(view, Math.max(view.number('shm.top_mapped_bytes'), attached));
    },
  },
  'owner.tmpfs': {
    title: 'The tmpfs that holds most',
    unit: 'entity',
    formula: 'max statfs used of the visible tmpfs file systems',
    value: (view): Entity => {
      const { mountpoint, used } = top(view);
      if (used === 0) throw new Unknown('no tmpfs holds anything');
      return { kind: 'mount', name: mountpoint, bytes: used };
    },
  },
  'owner.shm_segment': {
    title: 'Who made the largest System V segment that nobody uses',
    unit: 'entity',
    formula: 'cpid of the segment, with its shmid',
    value: (view): Entity => {
      const segment = largestOrphan(view);
      if (segment.creatorPid === 0)
        throw new Unknown('ipcs -m does not name the creator, nor does the kernel where it is in another PID namespace');
      return { kind: 'process', name: `creator of segment ${segment.shmid}`, pid: segment.creatorPid, bytes: segmentBytes(view, segment) };
    },
  },
  'owner.shm_mapper': {
    title: 'The process with the most shared memory mapped',
    unit: 'entity',
    formula: 'max RssShmem',
    value: (view): Entity => {
      const { name, pid, shmem } = mapper(view);
      if (shmem === 0) throw new Unknown('no visible process has shared memory mapped');
      return { kind: 'process', name, pid, bytes: shmem };
    },
  },
});

interface FileSystem {
  readonly mountpoint: string;
  readonly used: number;
  readonly size: number;
}

/** The tmpfs file systems with known sizes, each once although it may be mounted at several places. @throws Unknown */
function fileSystems(view: View): FileSystem[] {
  const all = view.last('mounts').filter(({ type }) => type === 'tmpfs' || type === 'devtmpfs');
  view.used('/proc/self/mountinfo');
  const known = new Map<string, FileSystem>();
  for (const { device, mountpoint, used, size } of all)
    if (used !== undefined && size !== undefined && size > 0 && !known.has(device)) known.set(device, { mountpoint, used, size });
  if (all.length > 0 && known.size === 0) throw new Unknown('how full the tmpfs file systems are was not read');
  view.used('statfs of tmpfs');
  return [...known.values()];
}

function top(view: View): FileSystem {
  const [first] = fileSystems(view).toSorted((a, b) => b.used - a.used);
  if (!first) throw new Unknown('no tmpfs is mounted');
  return first;
}

function sysv(view: View, which: (segment: ReturnType<typeof orphans>[number]) => boolean): number {
  const segments = view.last('sysvipc-shm').filter(which);
  view.used('/proc/sysvipc/shm rss');
  return segments.reduce((sum, { rss }) => {
    if (rss === undefined) throw new Unknown('/proc/sysvipc/shm does not say how much of a segment is in memory');
    return sum + rss;
  }, 0);
}

function largestOrphan(view: View): ReturnType<typeof orphans>[number] {
  const [first] = orphans(view);
  if (!first) throw new Unknown('no System V segment is without a user');
  return first;
}

function mapper(view: View): { name: string; pid: number; shmem: number } {
  const [first] = view.last('processes').top.toSorted((a, b) => b.shmem - a.shmem);
  view.used('/proc/PID/status RssShmem');
  if (!first) throw new Unknown('no process is visible');
  return first;
}

function holdersSeen(view: View): boolean {
  view.number('shm.total_bytes');
  const mounts = view.maybe(() => fileSystems(view));
  const segments = view.maybe(() => view.last('sysvipc-shm'));
  const mapped = view.maybe(() => mapper(view).shmem) ?? 0;
  return (mounts?.length ?? 0) > 0 || segments !== undefined || mapped > 0;
}

function shareOfShmem(view: View, bytes: number): number {
  const all = view.number('shm.total_bytes');
  if (all < 16 * 2 ** 20) throw new Unknown('there is hardly any shared memory');
  return Math.min(100, (100 * bytes) / all);
}

const ofRam = (view: View, bytes: number): number => (100 * bytes) / view.meminfo('MemTotal');
