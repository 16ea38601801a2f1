/** Slab caches, told apart by who makes their objects. Merged caches go under the name of one of them. */
import type { SourceData } from '../gather/snapshot.js';
import type { View } from './view.js';

export type Cache = SourceData<'slabinfo'>[number];

/** Names and inodes of files, and what else the page cache brings along: dropped when memory is needed. */
const OF_FILES =
  /^(dentry|buffer_head|radix_tree_node|xa_node|(\w+_)?inode(_cache)?|\w*inode_cache\w*|(\w+_)?inode_info|kmalloc-rcl-\w+|lsm_inode_cache)$/;
const SOCKETS = /^sock_inode_cache$/;
/** Objects that exist because a process holds something open: files, sockets, watches, threads, mappings, connections. */
const OF_USERS =
  /^(filp|files_cache|lsm_file_cache|pid(_\d+)?|task_struct|signal_cache|sighand_cache|mm_struct|vm_area_struct|vma_lock|maple_node|anon_vma(_chain)?|cred(_jar)?|key_jar|eventpoll_\w+|inotify\w*|fsnotify\w*|pipe\w*|(request_sock_|tw_sock_)?(TCP|UDP|UNIX|UNIX-STREAM|PING|RAW|PACKET|NETLINK|MPTCP|SCTP)\w*|\w*_sock\w*|sk_filter|skbuff\w*|nf_conntrack\w*|ip6?_dst_cache|posix_timers_cache|aio_kiocb|io_kiocb|kioctx|userfaultfd_ctx_cache)$/;

/** Name of what no cache holds: requests of more than two pages go to the page allocator at once, and are counted in Slab since 5.4. */
export const LARGE = 'large kmalloc';

export const isOfFiles = ({ name }: Cache): boolean => OF_FILES.test(name) && !SOCKETS.test(name);
export const isOfUsers = ({ name }: Cache): boolean => OF_USERS.test(name);
export const bytesOf = (caches: readonly Cache[]): number => caches.reduce((sum, { bytes }) => sum + bytes, 0);

/** The caches of the last sample. @throws Unknown */
export function caches(view: View): readonly Cache[] {
  view.used('/proc/slabinfo num_slabs, pagesperslab');
  return view.last('slabinfo');
}

/** Slab memory that is in no cache; 0 within the error of the counters. @throws Unknown */
export function largeKmalloc(view: View): number {
  const rest = view.meminfo('Slab') - bytesOf(caches(view));
  return rest > view.number('drift.bytes') + 4 * 2 ** 20 ? rest : 0;
}

/** The largest that is neither names, inodes nor buffers of files. @throws Unknown */
export function dominant(view: View): { name: string; bytes: number; ofUsers: boolean } | undefined {
  const listed = caches(view)
    .filter((cache) => !isOfFiles(cache))
    .map((cache) => ({ name: cache.name, bytes: cache.bytes, ofUsers: isOfUsers(cache) }));
  const all = [...listed, { name: LARGE, bytes: largeKmalloc(view), ofUsers: false }];
  return all.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes)[0];
}
