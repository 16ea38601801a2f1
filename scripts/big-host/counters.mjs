// The counters of /proc/vmstat: since boot, and per second while the host was looked at.
import { sum } from './numbers.mjs';

const GAUGES =
  'nr_free_pages nr_zone_inactive_anon nr_zone_active_anon nr_zone_inactive_file nr_zone_active_file nr_zone_unevictable nr_zone_write_pending nr_mlock nr_bounce nr_zspages nr_free_cma numa_hit numa_miss numa_foreign numa_interleave numa_local numa_other nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable nr_slab_reclaimable nr_slab_unreclaimable nr_isolated_anon nr_isolated_file workingset_nodes workingset_refault_anon workingset_refault_file workingset_activate_anon workingset_activate_file workingset_restore_anon workingset_restore_file workingset_nodereclaim nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback nr_writeback_temp nr_shmem nr_shmem_hugepages nr_shmem_pmdmapped nr_file_hugepages nr_file_pmdmapped nr_anon_transparent_hugepages nr_vmscan_write nr_vmscan_immediate_reclaim nr_dirtied nr_written nr_throttled_written nr_kernel_misc_reclaimable nr_foll_pin_acquired nr_foll_pin_released nr_kernel_stack nr_page_table_pages nr_sec_page_table_pages nr_swapcached pgpromote_success pgpromote_candidate nr_dirty_threshold nr_dirty_background_threshold';
const EVENTS =
  'pgpgin pgpgout pswpin pswpout pgalloc_dma pgalloc_dma32 pgalloc_normal pgalloc_movable pgalloc_device allocstall_dma allocstall_dma32 allocstall_normal allocstall_movable allocstall_device pgskip_dma pgskip_dma32 pgskip_normal pgskip_movable pgskip_device pgfree pgactivate pgdeactivate pglazyfree pgfault pgmajfault pglazyfreed pgrefill pgreuse pgsteal_kswapd pgsteal_direct pgsteal_khugepaged pgdemote_kswapd pgdemote_direct pgscan_kswapd pgscan_direct pgscan_khugepaged pgscan_direct_throttle pgscan_anon pgscan_file pgsteal_anon pgsteal_file zone_reclaim_success zone_reclaim_failed pginodesteal slabs_scanned kswapd_inodesteal kswapd_low_wmark_hit_quickly kswapd_high_wmark_hit_quickly pageoutrun pgrotated drop_pagecache drop_slab oom_kill numa_pte_updates numa_huge_pte_updates numa_hint_faults numa_hint_faults_local numa_pages_migrated pgmigrate_success pgmigrate_fail compact_migrate_scanned compact_free_scanned compact_isolated compact_stall compact_fail compact_success compact_daemon_wake compact_daemon_migrate_scanned compact_daemon_free_scanned htlb_buddy_alloc_success htlb_buddy_alloc_fail unevictable_pgs_culled unevictable_pgs_scanned unevictable_pgs_rescued unevictable_pgs_mlocked unevictable_pgs_munlocked unevictable_pgs_cleared unevictable_pgs_stranded thp_fault_alloc thp_fault_fallback thp_fault_fallback_charge thp_collapse_alloc thp_collapse_alloc_failed thp_split_page thp_split_page_failed thp_deferred_split_page thp_split_pmd thp_zero_page_alloc thp_zero_page_alloc_failed thp_swpout thp_swpout_fallback swap_ra swap_ra_hit zswpin zswpout direct_map_level2_splits direct_map_level3_splits nr_unstable';

/** Names of /proc/vmstat in the kernel's order. */
export const VMSTAT = `${GAUGES} ${EVENTS}`.split(' ');

/** Per second on a host that is busy and not short of memory; since boot it was 0.6 of that on average. */
const USUAL = {
  alloc: 210_000,
  alloc_dma32: 0,
  readKb: 42_000,
  writeKb: 61_000,
  pgfault: 96_000,
  majfault: 3,
  pgactivate: 9000,
  pgdeactivate: 300,
  pgrefill: 400,
  pgreuse: 14_000,
  slabs_scanned: 0,
  nr_dirtied: 15_000,
  nr_written: 14_900,
  pgmigrate_success: 40,
  numa_pte_updates: 900,
  numa_hint_faults: 420,
  numa_hint_faults_local: 380,
  numa_pages_migrated: 22,
  thp_fault_alloc: 6,
  thp_collapse_alloc: 0.4,
  thp_split_page: 0.2,
  thp_split_pmd: 0.5,
  unevictable_pgs_culled: 0.3,
};
const BUSY = 0.6;

/** Counters at a moment. A described counter is [per second, since boot]; without the second, as if it had always been busy so. */
export function countersOf(host, { at, nodes, managed }) {
  const given = { ...USUAL, ...host.counters };
  const read = (name) => {
    const [rate, boot] = [given[name] ?? 0].flat();
    return Math.round((boot ?? rate * host.uptime * BUSY) + rate * at);
  };
  const values = Object.fromEntries(Object.keys(given).map((name) => [name, read(name)]));
  const [kswapd, direct, memcg] = [read('pgscan_kswapd'), read('pgscan_direct'), read('memcg_scan')];
  const [took, tookDirect, tookMemcg] = [read('pgsteal_kswapd'), read('pgsteal_direct'), read('memcg_steal')];
  const [scanned, stolen] = [kswapd + direct + memcg, took + tookDirect + tookMemcg];
  // what is taken from processes was written to swap first, all but a little that was there already
  const anonSteal = Math.round(read('pswpout') * 0.97);
  const anonScan = anonSteal * (host.anonEffort ?? 4);
  const [free, lists] = ['free', 'pcp'].map((key) => sum(nodes.map((node) => node[key])));
  const allocated = read('alloc');
  const calls = Math.round(allocated * 0.93);
  const missed = Math.round(calls * (host.numaMissed ?? 0.0004));
  return {
    ...values,
    pgalloc_dma: 1024,
    pgalloc_dma32: 260_000,
    pgalloc_normal: allocated,
    // all that the kernel manages was freed once at boot
    pgfree: allocated + 261_024 + free + lists,
    pgpgin: read('readKb') + 4 * read('pswpin'),
    pgpgout: read('writeKb') + 4 * read('pswpout'),
    pgmajfault: read('majfault'),
    pgrefill: read('pgrefill') + Math.round(scanned * 0.31),
    pgdeactivate: read('pgdeactivate') + Math.round(scanned * 0.27),
    pgscan_anon: anonScan,
    pgscan_file: scanned - anonScan,
    pgsteal_anon: anonSteal,
    pgsteal_file: stolen - anonSteal,
    nr_vmscan_write: read('pswpout'),
    numa_hit: calls - missed,
    numa_miss: missed,
    numa_foreign: missed,
    numa_interleave: 32_000 + (managed % 997),
    numa_local: Math.round((calls - missed) * 0.985),
    numa_other: calls - Math.round((calls - missed) * 0.985),
    direct_map_level2_splits: 1900,
    direct_map_level3_splits: 14,
  };
}
