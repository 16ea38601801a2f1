/** Slab caches, told apart by who makes their objects. Merged caches go under the name of one of them. */
import type { SourceData } from '../gather/snapshot.js';
import { Unknown } from './fact.js';
import type { View } from './view.js';

const MIB = 1 << 20;

export type Cache = SourceData<'slabinfo'>[number];

/**
 * Names and inodes of files, what hangs on an inode (log item, fork, extents, quota), and what else the page cache brings along:
 * SLAB_RECLAIM_ACCOUNT, or freed with its inode; dropped when memory is needed.
 */
const OF_FILES =
  /^(dentry|xfs_(?:buf|ili|ifork)|ext4_extent_status|(?:jbd2_)?journal_head|dquot|mb_cache_entry|buffer_head|radix_tree_node|xa_node|(\w+_)?inode(_cache)?|\w*inode_cache\w*|(\w+_)?inode_info|kmalloc-rcl-\w+|lsm_inode_cache)$/;
const SOCKETS = /^sock_inode_cache$/;
/** Caches of kmalloc() and of SLAB before 3.x: whoever in the kernel asks for so many bytes; kmalloc-rcl-* can be given up. */
const GENERIC = /^(?:kmalloc-(?:(?:cg|rnd-\d{1,2})-)?\d{1,4}[kM]?|size-\d{1,8})$/;
/** /proc/slabinfo of the smallest kernel has more; what is shorter was cut. */
const WHOLE = 40;
/** Objects that exist because a process holds something open: files, sockets, watches, threads, mappings, connections. */
const OF_USERS =
  /^(filp|files_cache|lsm_file_cache|pid(_\d+)?|task_struct|signal_cache|sighand_cache|mm_struct|vm_area_struct|vma_lock|maple_node|anon_vma(_chain)?|cred(_jar)?|key_jar|eventpoll_\w+|inotify\w*|fsnotify\w*|pipe\w*|(request_sock_|tw_sock_)?(TCP|UDP|UNIX|UNIX-STREAM|PING|RAW|PACKET|NETLINK|MPTCP|SCTP)\w*|\w*_sock\w*|sk_filter|skbuff\w*|nf_conntrack\w*|(btrfs_)?extent_(map|state)|btrfs_extent_(map|state)|kernfs_node_cache|file_lock_cache|nfsd_file|kmemleak_object|ip6?_dst_cache|posix_timers_cache|aio_kiocb|io_kiocb|kioctx|userfaultfd_ctx_cache)$/;

/** Name of what no cache holds: requests of more than two pages go to the page allocator at once, and are counted in Slab since 5.4. */
export const LARGE = 'large kmalloc';

export const isOfFiles = ({ name }: Cache): boolean => OF_FILES.test(name) && !SOCKETS.test(name);
export const isOfUsers = ({ name }: Cache): boolean => OF_USERS.test(name);
export const isGeneric = ({ name }: Cache): boolean => GENERIC.test(name);
export const bytesOf = (caches: readonly Cache[]): number => caches.reduce((sum, { bytes }) => sum + bytes, 0);

/** The caches of the last sample. @throws Unknown */
export function caches(view: View): readonly Cache[] {
  view.used('/proc/slabinfo num_slabs, pagesperslab');
  return view.last('slabinfo').map(atLeastItsObjects);
}

/** Pages of a slab may be larger than was assumed: it is never smaller than the objects in it. */
function atLeastItsObjects(cache: Cache): Cache {
  const held = cache.slabs * cache.objectsPerSlab * cache.objectSize;
  return held > cache.bytes ? { ...cache, bytes: held } : cache;
}

/** Whether all caches are listed, or the largest at most (slabtop, a few lines of /proc/slabinfo), or none. */
export function listing(view: View): 'none' | 'part' | 'whole' {
  const listed = view.readings('slabinfo').at(-1)?.data;
  if (!listed || listed.length === 0) return 'none';
  view.used('/proc/slabinfo');
  return listed.length < WHOLE ? 'part' : 'whole';
}

/** Slab memory that is in no cache; 0 within the error of the counters. @throws Unknown also when only some caches are listed */
export function largeKmalloc(view: View): number {
  if (listing(view) === 'part') throw new Unknown('only some slab caches are listed');
  const rest = view.meminfo('Slab') - bytesOf(caches(view));
  const error = view.maybe(() => view.number('drift.bytes')) ?? 8 * MIB;
  return rest > error + 4 * MIB ? rest : 0;
}

/** Fewer objects than this pile up by themselves; counts so near to each other are no accident. */
const MANY = 100_000;
const STEP = 0.02;

/** The cache of users whose objects come in step with those of a cache without a name: one buffer for each file, packet or key. */
export function twinOf(cache: Cache, all: readonly Cache[]): Cache | undefined {
  if (!isGeneric(cache)) return undefined;
  const alike = ({ activeObjects }: Cache): boolean =>
    activeObjects >= MANY && Math.abs(activeObjects - cache.activeObjects) <= activeObjects * STEP;
  return all.filter((other) => isOfUsers(other) && alike(other)).toSorted((a, b) => b.bytes - a.bytes)[0];
}

/** The largest that is neither names, inodes nor buffers of files. @throws Unknown */
export function dominant(view: View): { name: string; bytes: number; ofUsers: boolean } | undefined {
  const listed = caches(view)
    .filter((cache) => !isOfFiles(cache))
    .map((cache) => ({ name: cache.name, bytes: cache.bytes, ofUsers: isOfUsers(cache) }));
  const all = [...listed, { name: LARGE, bytes: view.maybe(() => largeKmalloc(view)) ?? 0, ofUsers: false }];
  return all.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes)[0];
}
