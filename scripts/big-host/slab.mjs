// Slab caches of a described host: name, size of an object, objects in a slab, pages of a slab, and whether reclaim may shrink it.
import { randomOf } from './numbers.mjs';

const CACHES = [
  ['ext4_inode_cache', 1192, 27, 8, 1],
  ['xfs_inode', 1024, 32, 8, 1],
  ['xfs_ili', 264, 31, 2, 0],
  ['xfs_buf', 384, 42, 4, 0],
  ['nfsd_file', 104, 39, 1, 0],
  ['dentry', 192, 42, 2, 1],
  ['inode_cache', 640, 25, 4, 1],
  ['proc_inode_cache', 712, 46, 8, 1],
  ['shmem_inode_cache', 784, 41, 8, 1],
  ['sock_inode_cache', 832, 39, 8, 1],
  ['radix_tree_node', 584, 28, 4, 1],
  ['buffer_head', 104, 39, 1, 1],
  ['kmalloc-rcl-96', 96, 42, 1, 1],
  ['kmalloc-rcl-64', 64, 64, 1, 1],
  ['filp', 256, 32, 2, 0],
  ['vm_area_struct', 152, 53, 2, 0],
  ['anon_vma', 104, 39, 1, 0],
  ['anon_vma_chain', 64, 64, 1, 0],
  ['maple_node', 256, 32, 2, 0],
  ['task_struct', 8448, 3, 8, 0],
  ['signal_cache', 1152, 28, 8, 0],
  ['sighand_cache', 2112, 15, 8, 0],
  ['files_cache', 704, 46, 8, 0],
  ['mm_struct', 1152, 28, 8, 0],
  ['cred_jar', 192, 42, 2, 0],
  ['pid', 128, 32, 1, 0],
  ['TCP', 2304, 14, 8, 0],
  ['UDPv6', 1344, 24, 8, 0],
  ['skbuff_head_cache', 256, 32, 2, 0],
  ['kernfs_node_cache', 128, 32, 1, 0],
  ['lsm_inode_cache', 32, 128, 1, 0],
  ['task_group', 640, 25, 4, 0],
  ['bio-256', 320, 25, 2, 0],
  ['kmalloc-8k', 8192, 4, 8, 0],
  ['kmalloc-4k', 4096, 8, 8, 0],
  ['kmalloc-2k', 2048, 16, 8, 0],
  ['kmalloc-1k', 1024, 32, 8, 0],
  ['kmalloc-512', 512, 32, 4, 0],
  ['kmalloc-256', 256, 32, 2, 0],
  ['kmalloc-192', 192, 42, 2, 0],
  ['kmalloc-128', 128, 32, 1, 0],
  ['kmalloc-96', 96, 42, 1, 0],
  ['kmalloc-64', 64, 64, 1, 0],
  ['kmalloc-32', 32, 128, 1, 0],
  ['kmalloc-cg-4k', 4096, 8, 8, 0],
  ['kmalloc-cg-1k', 1024, 32, 8, 0],
  ['kmalloc-cg-512', 512, 32, 4, 0],
  ['kmalloc-cg-192', 192, 42, 2, 0],
  ['kmalloc-cg-64', 64, 64, 1, 0],
  ['kmem_cache_node', 64, 64, 1, 0],
  ['kmem_cache', 256, 32, 2, 0],
];

/** Caches with their objects at a moment. What the host does not name follows from its processes, threads and processors. */
export function slabOf(host, processes, kernelThreads, at) {
  const random = randomOf(`${host.name} slab`);
  const count = processes.length;
  const threads = processes.reduce((all, one) => all + one.threads, 0) + kernelThreads;
  const ram = host.nodes.reduce((all, node) => all + node.ram, 0);
  const usual = {
    dentry: 260_000 + ram * 900,
    inode_cache: 41_000,
    xfs_inode: 120_000 + ram * 400,
    xfs_ili: 9000,
    xfs_buf: 22_000,
    proc_inode_cache: 24_000,
    shmem_inode_cache: 6000,
    radix_tree_node: 190_000 + ram * 500,
    buffer_head: 30_000,
    filp: count * 90,
    vm_area_struct: count * 210 + threads * 2,
    anon_vma: count * 70,
    anon_vma_chain: count * 110,
    maple_node: count * 24,
    task_struct: threads,
    signal_cache: count + kernelThreads,
    sighand_cache: count + kernelThreads,
    files_cache: count + 200,
    mm_struct: count + 200,
    cred_jar: threads * 3,
    pid: threads * 1.1,
    sock_inode_cache: count * 6,
    TCP: count * 3,
    lsm_inode_cache: 500_000,
    kernfs_node_cache: 190_000,
    'kmalloc-8k': host.cpus * 30 + ram * 18,
    'kmalloc-4k': host.cpus * 60 + ram * 90,
    'kmalloc-2k': host.cpus * 90 + ram * 60,
    'kmalloc-1k': host.cpus * 120,
    'kmalloc-512': host.cpus * 900 + ram * 600,
    'kmalloc-64': 900_000,
    'kmalloc-32': 400_000,
  };
  const rows = CACHES.map(([name, size, perSlab, pages, shrinks]) => {
    const likely = Math.round((usual[name] ?? host.cpus * 55) * (0.9 + random() * 0.2));
    const [wanted, used = 0.82 + random() * 0.17, grow = 0] = [host.slab?.[name] ?? likely].flat();
    const slabs = Math.ceil((wanted + grow * at) / perSlab);
    return { name, size, perSlab, pages, shrinks, slabs, objects: slabs * perSlab, active: Math.round(slabs * perSlab * used) };
  });
  const pagesOf = (kind) => rows.reduce((all, { shrinks, slabs, pages }) => all + (shrinks === kind ? slabs * pages : 0), 0);
  return { rows, reclaimable: pagesOf(1), unreclaimable: pagesOf(0) };
}

export const slabinfoText = ({ rows }) =>
  [
    'slabinfo - version: 2.1',
    '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>',
    ...rows.map(
      ({ name, active, objects, size, perSlab, pages, slabs }) =>
        `${name.padEnd(17)} ${pad(active)} ${pad(objects)} ${pad(size)} ${pad(perSlab, 4)} ${pad(pages, 4)} : tunables    0    0    0 : slabdata ${pad(slabs)} ${pad(slabs)}      0`,
    ),
    '',
  ].join('\n');

const pad = (value, width = 6) => String(value).padStart(width);
