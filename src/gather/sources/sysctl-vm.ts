import { map, text } from '../../json-schema.js';
import { defineSource } from '../source.js';

// by name, not by listing: the others are write-only, or act when they are read (stat_refresh)
const VM = `admin_reserve_kbytes compact_unevictable_allowed compaction_proactiveness defrag_mode dirty_background_bytes
  dirty_background_ratio dirty_bytes dirty_expire_centisecs dirty_ratio dirty_writeback_centisecs dirtytime_expire_seconds
  enable_soft_offline extfrag_threshold hugetlb_optimize_vmemmap hugetlb_shm_group laptop_mode legacy_va_layout lowmem_reserve_ratio
  max_map_count memory_failure_early_kill memory_failure_recovery min_free_kbytes min_slab_ratio min_unmapped_ratio
  mmap_min_addr nr_hugepages nr_hugepages_mempolicy nr_overcommit_hugepages nr_pdflush_threads numa_stat
  numa_zonelist_order oom_dump_tasks oom_kill_allocating_task overcommit_kbytes overcommit_memory overcommit_ratio
  page-cluster page_lock_unfairness panic_on_oom percpu_pagelist_fraction percpu_pagelist_high_fraction stat_interval
  swappiness unprivileged_userfaultfd user_reserve_kbytes vfs_cache_pressure watermark_boost_factor watermark_scale_factor
  zone_reclaim_mode`.split(/\s+/);
const KERNEL = ['numa_balancing', 'pid_max', 'threads-max', 'shmmax', 'shmall', 'shmmni'];

/** Settings of the memory management, by name, as text; those of proc/sys/kernel as "kernel.pid_max". */
export default defineSource({
  title: '/proc/sys/vm',
  docs: 'https://docs.kernel.org/admin-guide/sysctl/vm.html',
  reads: [...VM.map((name) => `proc/sys/vm/${name}`), ...KERNEL.map((name) => `proc/sys/kernel/${name}`)],
  cadence: 'first',
  paste: 'sysctl vm',
  schema: map(text(), 'values by name'),
  parseFiles: (files) =>
    Object.fromEntries(
      [...files].map(([path, value]) => [path.replace('proc/sys/vm/', '').replace('proc/sys/kernel/', 'kernel.'), value.trim()]),
    ),
});
