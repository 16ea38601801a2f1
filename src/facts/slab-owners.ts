import { defineFacts, Unknown } from './fact.js';
import { caches, dominant, LARGE, twinOf } from './slab-caches.js';
import type { View } from './view.js';

/** Kinds of objects of which a command tells whose they are. */
const KINDS = {
  files: 'open files',
  locks: 'locks of files',
  sockets: 'sockets',
  packets: 'network packets',
  conntrack: 'tracked connections',
  threads: 'threads and processes',
  watches: 'watches of files',
  queues: 'messages in queues, data that nobody read, timers',
  keys: 'keys',
} as const;
type Kind = keyof typeof KINDS;

/** What the objects of a cache are, by its name in the kernel's source. The first that matches counts. */
const MEANINGS: readonly (readonly [names: RegExp, what: string, kind?: Kind])[] = [
  [/^(dentry|names_cache)$/, 'names of files'],
  [/^(filp|lsm_file_cache|files_cache)$/, 'open files: some process opens and does not close', 'files'],
  [/^file_l(?:ock|ease)\w*$/, 'locks of files: some process takes many and holds them', 'locks'],
  [
    /^sock_inode_cache$|^(TCP|UDP|UNIX|RAW|PING|NETLINK|PACKET|MPTCP|SCTP)|^(request_sock|tw_sock)_/,
    'sockets: connections that are open, or opened and not closed',
    'sockets',
  ],
  [/^skbuff\w*$/, 'network packets that wait: unread sockets, queues, or a driver', 'packets'],
  [/^nf_conntrack\w*$/, 'connections that the firewall tracks (net.netfilter.nf_conntrack_count)', 'conntrack'],
  [/^(ip6?_dst_cache|ip_fib_\w+|fib6_\w+|inet_peer_cache|neighbour\w*|rt_cache)$/, 'routes and neighbours of the network'],
  [
    /^(task_struct|signal_cache|sighand_cache|thread_info|pid(_\d+)?|task_group|fs_cache)$/,
    'threads and processes, dead ones that nobody waits for among them',
    'threads',
  ],
  [
    /^(mm_struct|vm_area_struct|vma_lock|maple_node|anon_vma(_chain)?)$/,
    'mappings of processes: very many processes, or one with very many mappings',
  ],
  [/^(cred_jar|key_jar|user_namespace|uid_cache)$/, 'credentials and keys: logins, containers, files held open under them'],
  [/^(eventpoll_\w+|ep_head)$/, 'watches of epoll', 'files'],
  [/^(inotify\w*|fsnotify\w*|dnotify\w*)$/, 'watches of files (inotify, fanotify)', 'watches'],
  [/^(ebitmap_node|avtab_\w+|avc_\w+|selinux\w*|sel_\w+|context_struct|hashtab_node|hidtab\w*)$/, 'policy and decisions of SELinux'],
  [/^(audit_\w+)$/, 'records of the audit system that wait for its daemon'],
  [/^(kernfs_\w+|cgroup\w*|mem_cgroup\w*)$/, 'cgroups and files of sysfs'],
  [/^(btrfs_\w+|extent_(map|state|buffer)\w*)$/, 'extents and trees of btrfs'],
  [/^(xfs_\w+)$/, 'structures of XFS'],
  [/^(ext[234]_\w+|jbd2?_\w+|journal_\w+)$/, 'structures and journal of ext4'],
  [/^(nfs\w*|nfsd\w*|rpc_\w+|lockd\w*)$/, 'NFS: states, delegations and requests of clients or server'],
  [/^(zfs_\w+|zio_\w+|dmu_\w+|dnode_t|arc_\w+|abd_\w+|sa_cache|spl_\w+|lz4_\w*|zil_\w+)$/, 'structures of ZFS'],
  [
    /^(fuse_\w+|ovl_\w+|ceph_\w+|gfs2_\w+|dlm_\w+|ll_\w+|ldlm_\w+|ptlrpc_\w+|osc_\w+)$/,
    'a file system in user space, of layers or of a cluster',
  ],
  [/^(Acpi-\w+)$/, 'objects of ACPI: a fault of the firmware or its driver'],
  [
    /^(bio\w*|biovec\w*|blkdev_\w+|request_queue|dm_\w+|kcopyd\w*|raid\w*|scsi_\w+|sgpool\w*|nvme\w*|io_kiocb|kiocb|aio_\w+|kioctx)$/,
    'requests to block devices that are under way, or were lost',
  ],
  [/^(kvm_\w+|mmu_page_\w+|pte_list_desc|x86_emulator|vmx?_\w+)$/, 'virtual machines of KVM'],
  [/^(i915_\w+|drm_\w+|amdgpu_\w+|radeon_\w+|ttm_\w+|dma_fence\w*)$/, 'objects of a graphics driver'],
  [/^(iommu_\w+|dmar_\w+|mlx\w+|ib_\w+|i40\w*|bnx\w*)$/, 'mappings of devices, objects of a network driver'],
  [/^(bpf_\w+|uprobe\w*|ftrace_\w+|trace_\w+|perf_\w+)$/, 'BPF, tracing and perf'],
  [/^(kmemleak_object|kasan\w*|debug_objects\w*|stack_depot\w*|page_owner\w*)$/, 'debugging of the kernel itself'],
  [
    /^(shmem_inode_cache|posix_timers_cache|msg_\w+|mqueue_\w+|shm_\w+|sem_\w+|userfaultfd_\w+)$/,
    'timers, queues and segments between processes',
    'queues',
  ],
  [/^(zspage|zs_handle\w*|zram\w*|zswap\w*)$/, 'compressed swap'],
  [/^kmalloc-rcl-/, 'buffers that can be given up: long names of files'],
  [
    /^kmalloc-cg-/,
    'buffers that the kernel made for programs, charged to their cgroups: messages in queues, data that nobody read',
    'queues',
  ],
  [/^(kmalloc-|size-|dma-kmalloc-)/, 'buffers that have no name: a driver, packets that wait, BPF, a file system; slub_debug tells who'],
];

const KEYS = 'payloads of keys in keyrings: /proc/key-users tells whose';

/** Who makes the objects of the largest cache. */
export default defineFacts({
  'slab.top_meaning': {
    title: 'What the objects of the largest slab cache are',
    unit: 'text',
    formula:
      'by the name of owner.slab_cache; of buffers without a name, by that of a cache with as many objects (within 2 %), from 100000 on',
    validity: 'unknown for names of modules that are not of the kernel; merged caches go under the name of one of them',
    value: (view) => {
      const { name, what, twin } = ofTop(view);
      if (what === undefined) throw new Unknown(`${name} is no cache that is known by name`);
      return twin === undefined ? what : `buffers, one for each object of ${twin}: ${what}`;
    },
  },
  'slab.top_kind': {
    title: 'The kind of the objects of the largest slab cache, where a command tells whose they are',
    unit: 'text',
    formula: `by its name, as slab.top_meaning: ${Object.keys(KINDS).join(', ')}; else other`,
    value: (view) => ofTop(view).kind ?? 'other',
  },
  'slab.top_special': {
    title: 'Whose the objects of the largest slab cache are, a command of its own tells',
    unit: 'boolean',
    formula: 'slab.top_kind is neither files nor other',
    value: (view) => {
      const kind = view.fact('slab.top_kind');
      return kind !== 'files' && kind !== 'other';
    },
  },
  // texts of rules can ask for what is true, and compare nothing
  ...Object.fromEntries(
    Object.entries(KINDS).map(([kind, what]) => [
      `slab.top_is_${kind}`,
      {
        title: `The objects of the largest slab cache are ${what}`,
        unit: 'boolean',
        formula: `slab.top_kind is ${kind}`,
        value: (view: View) => view.fact('slab.top_kind') === kind,
      } as const,
    ]),
  ),
});

interface Top {
  readonly name: string;
  readonly what?: string;
  readonly kind?: Kind;
  /** The cache that has as many objects, each with one buffer of the largest. */
  readonly twin?: string;
}

/** @throws Unknown */
function ofTop(view: View): Top {
  const top = dominant(view);
  if (top === undefined) throw new Unknown('/proc/slabinfo lists no cache with anything in it');
  const { name } = top;
  if (!top.ofUsers && (view.maybe(() => view.number('key.bytes')) ?? 0) >= top.bytes / 2) return { name, what: KEYS, kind: 'keys' };
  if (name === LARGE) return { name, what: 'buffers of more than two pages: a driver, BPF, a table of the kernel' };
  const all = caches(view);
  const cache = all.find((each) => each.name === name);
  const twin = cache && twinOf(cache, all);
  const [, what, kind] = MEANINGS.find(([names]) => names.test(twin?.name ?? name)) ?? [];
  return { name, ...(what !== undefined && { what }), ...(kind && { kind }), ...(twin && { twin: twin.name }) };
}
