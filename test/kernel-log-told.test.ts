/** What single lines of the kernel log tell: every way of saying it, by family; and what must tell nothing. */
import { readdirSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takePrefix } from '../src/gather/kernel-log/prefix.js';
import { kernelLogSchema, type LogEvent } from '../src/gather/kernel-log/schema.js';
import { subsystemOf } from '../src/gather/kernel-log/subsystem.js';
import { adds, tell } from '../src/gather/kernel-log/told.js';
import type { Family } from '../src/gather/kernel-log/told/family.js';
import { families } from '../src/gather/kernel-log/told/index.js';

const NONE = { totalVmBytes: null, anonRssBytes: null, fileRssBytes: null, shmemRssBytes: null, oomScoreAdj: null };
const killed = (name: string, pid: number | null, more: object = {}) => ({ victims: [{ ...NONE, name, pid, ...more }] });
const by = (name: string, pid: number | null = null) => ({ trigger: { name, pid } });
const MIB = 1024 * 1024;

type Row = readonly [text: string, kind: LogEvent['kind'], details: Partial<LogEvent>, program?: string];

const TELLS: readonly Row[] = [
  // allocation failures and stalls
  ['swapper: page allocation failure. order:1, mode:0x20', 'allocation-failure', { order: 1, gfpMask: '0x20', ...by('swapper') }],
  ['java: page allocation failure: order:0, mode:0x4020', 'allocation-failure', { order: 0, gfpMask: '0x4020', ...by('java') }],
  [
    'kswapd0: page allocation failure: order:0, mode:0x820(GFP_ATOMIC), nodemask=(null),cpuset=/,mems_allowed=0',
    'allocation-failure',
    { order: 0, gfpMask: '0x820(GFP_ATOMIC)', ...by('kswapd0') },
  ],
  ['kworker/u8:2: page allocation failure: order:4, mode:0xc40', 'allocation-failure', { order: 4, ...by('kworker/u8:2') }],
  ['Web: Content 3: page allocation failure: order:2, mode:0xcc0(GFP_KERNEL)', 'allocation-failure', by('Web: Content 3')],
  ['dd: page allocation failure: order:7,', 'allocation-failure', { order: 7 }],
  ['dd: page allocation failure:', 'allocation-failure', by('dd')],
  [
    'page allocation failure: order:6, mode:0xdc0(GFP_KERNEL|__GFP_ZERO)',
    'allocation-failure',
    { order: 6, gfpMask: '0xdc0(GFP_KERNEL|__GFP_ZERO)' },
  ],
  ['__alloc_pages: 2-order allocation failed (gfp=0x1f0/1)', 'allocation-failure', { order: 2, gfpMask: '0x1f0' }],
  [
    'dd: page allocation failure: order:3, mode:0x40cc0(GFP_KERNEL|__GFP_CO',
    'allocation-failure',
    { gfpMask: '0x40cc0(GFP_KERNEL|__GFP_CO' },
  ],
  ['zsh: page allocation failure, order:0, mode:0xc0de0', 'allocation-failure', { order: 0, gfpMask: '0xc0de0', ...by('zsh') }],
  [
    'sshd: page allocation stalls for 12345ms, order:0, mode:0x14200ca(GFP_HIGHUSER_MOVABLE), nodemask=(null)',
    'allocation-stall',
    { seconds: 12.345, order: 0, gfpMask: '0x14200ca(GFP_HIGHUSER_MOVABLE)' },
  ],
  [
    'XFS: rsync(812) possible memory allocation deadlock size 65552 in kmem_alloc (mode:0x2408240)',
    'allocation-stall',
    { bytes: 65_552, subsystem: 'xfs', ...by('rsync', 812) },
  ],
  ['XFS: possible memory allocation deadlock in kmem_alloc (mode:0x250)', 'allocation-stall', { subsystem: 'xfs', gfpMask: '0x250' }],
  // slab
  ['SLUB: Unable to allocate memory on node -1 (gfp=0x20)', 'slub-failure', { gfpMask: '0x20' }],
  ['SLUB: Unable to allocate memory on node 1, gfp=0xcc0(GFP_KERNEL)', 'slub-failure', { gfpMask: '0xcc0(GFP_KERNEL)' }],
  [
    'SLUB: Unable to allocate memory on CPU 3 (of node 0) on node -1, gfp=0x820(GFP_ATOMIC)',
    'slub-failure',
    { gfpMask: '0x820(GFP_ATOMIC)' },
  ],
  ['SLAB: Unable to allocate memory on node 0 (gfp=0x80d0)', 'slub-failure', { gfpMask: '0x80d0' }],
  // vmalloc
  ['mount: vmalloc: allocation failure: 4198400 bytes, mode:0xd2', 'vmalloc-failure', { bytes: 4_198_400, ...by('mount') }],
  ['vmalloc: allocation failure: 4096 bytes', 'vmalloc-failure', { bytes: 4096 }],
  ['vmalloc: allocation failure: 0 bytes', 'vmalloc-failure', { bytes: 0, harmless: expect.stringContaining('0 bytes') as string }],
  ['mount: vmalloc: allocation failure, allocated 8192 of 20480 bytes', 'vmalloc-failure', { bytes: 20_480 }],
  [
    'insmod: vmalloc error: size 73728, failed to allocate pages, mode:0xcc2(GFP_KERNEL|__GFP_HIGHMEM), nodemask=(null)',
    'vmalloc-failure',
    { bytes: 73_728, gfpMask: '0xcc2(GFP_KERNEL|__GFP_HIGHMEM)' },
  ],
  ['iptables: vmalloc size 9000 allocation failure: page order 0 allocation failed, mode:0xcc0', 'vmalloc-failure', { bytes: 9000 }],
  ['vmap allocation for size 1052672 failed: use vmalloc=<size> to increase size', 'vmalloc-failure', { bytes: 1_052_672 }],
  ['vmalloc_node_range for size 24576 failed: Address range restricted to 0xf1000000 - 0xf5110000', 'vmalloc-failure', { bytes: 24_576 }],
  // per-CPU
  ['percpu: allocation failed, size=4096 align=4096 atomic=0, failed to allocate new chunk', 'percpu-failure', { bytes: 4096 }],
  ['PERCPU: allocation failed, size=2048 align=8, alloc from reserved chunk failed', 'percpu-failure', { bytes: 2048 }],
  ['dummy_mod: Could not allocate 66000 bytes percpu data', 'percpu-failure', { bytes: 66_000, device: 'dummy_mod' }],
  ['Could not allocate 24 bytes percpu data', 'percpu-failure', { bytes: 24 }],
  // CMA
  ['cma: cma_alloc: alloc failed, req-size: 1024 pages, ret: -12', 'cma-failure', {}],
  ['cma: cma_alloc: linux,cma: alloc failed, req-size: 8192 pages, ret: -16', 'cma-failure', { device: 'linux,cma' }],
  ['cma: __cma_alloc: reserved: alloc failed, req-size: 2 pages, ret: -12', 'cma-failure', { device: 'reserved' }],
  ['cma: Failed to reserve 256 MiB', 'cma-failure', {}],
  ['imx-drm display-subsystem: failed to allocate buffer with size 8294400', 'cma-failure', { device: 'imx-drm', bytes: 8_294_400 }],
  ['[drm:vc4_bo_create [vc4]] *ERROR* Failed to allocate from CMA:', 'cma-failure', {}],
  ['alloc_contig_range: [1f000, 1f400) PFNs busy', 'cma-failure', { harmless: expect.stringContaining('next range') as string }],
  // commit limit
  ['__vm_enough_memory: pid: 77, comm: my job, no enough memory for the allocation', 'vm-enough-memory', by('my job', 77)],
  ['__vm_enough_memory: pid: 77, comm: a, bytes: 8192 not enough memory for the allocation', 'vm-enough-memory', { bytes: 8192 }],
  // TCP
  ['TCP: out of memory -- consider tuning tcp_mem', 'tcp-out-of-memory', { subsystem: 'net' }],
  ['TCP: too many orphaned sockets', 'tcp-out-of-memory', {}],
  ['TCP: too many of orphaned sockets', 'tcp-out-of-memory', {}],
  ['Out of socket memory', 'tcp-out-of-memory', {}],
  // hung and stuck
  ['INFO: task jbd2/sda1-8:433 blocked for more than 120 seconds.', 'hung-task', { seconds: 120, ...by('jbd2/sda1-8', 433) }],
  ['INFO: task a:b c:9:71 blocked in I/O wait for more than 143 seconds.', 'hung-task', by('a:b c:9', 71)],
  ['watchdog: BUG: soft lockup - CPU#3 stuck for 23s! [kswapd0:96]', 'soft-lockup', { seconds: 23, ...by('kswapd0', 96) }],
  ['NMI watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [kworker/0:1:42]', 'soft-lockup', by('kworker/0:1', 42)],
  ['BUG: soft lockup - CPU#1 stuck for 67s! [java:2201]', 'soft-lockup', { seconds: 67 }],
  ['BUG: soft lockup detected on CPU#0!', 'soft-lockup', {}],
  ['oom_reaper: unable to reap pid:8123 (fio (x))', 'reaper-stuck', killed('fio (x)', 8123)],
  ['sh (212): drop_caches: 3', 'drop-caches', by('sh', 212)],
  ['my (odd) tool (213): drop_caches: 1', 'drop-caches', by('my (odd) tool', 213)],
  // hotplug, balloon
  ['Offlined Pages 32768', 'hotplug', { harmless: expect.any(String) as string }],
  ['Built 2 zonelists, mobility grouping on.  Total pages: 4128000', 'hotplug', { harmless: expect.any(String) as string }],
  ['memory memory40: Offline failed.', 'hotplug', { device: 'memory40' }],
  ['offlining pages [mem 0x140000000-0x147ffffff] (failed due to signal backoff)', 'hotplug', {}],
  ['memory offlining [mem 0x140000000-0x147ffffff] failed due to failure to isolate range', 'hotplug', {}],
  ['online_pages [mem 0x140000000-0x147ffffff] failed', 'hotplug', {}],
  ['acpi PNP0C80:02: add_memory failed', 'hotplug', { device: 'PNP0C80:02' }],
  ['virtio_mem virtio3: adding memory failed: -17', 'hotplug', { device: 'virtio3' }],
  ["virtio_balloon virtio2: Out of puff! Can't get 1 pages", 'balloon', { device: 'virtio_balloon virtio2' }],
  ["Out of puff! Can't get 256 pages", 'balloon', {}],
  ['hv_balloon: Balloon request will be partially fulfilled. Balloon floor reached.', 'balloon', { device: 'hv_balloon' }],
  ['xen:balloon: Cannot add additional memory (-17)', 'balloon', { device: 'xen:balloon' }],
  // swap
  ['swap_info_get: Bad swap file entry 2800000000000', 'swap-error', {}],
  ['__swap_info_get: Bad swap file entry 3ffffff', 'swap-error', {}],
  ['swap_free: Unused swap offset entry 0000a1b2', 'swap-error', {}],
  ['get_swap_device: Bad swap file entry 580000000000', 'swap-error', {}],
  ['Write-error on swap-device (252:0:81920)', 'swap-error', { device: '252:0' }],
  ['Read-error on swap-device (8:2:1234)', 'swap-error', { device: '8:2' }],
  ['Unable to find swap-space signature', 'swap-error', {}],
  ['swapon: swapfile has holes', 'swap-error', {}],
  ['zram: Error allocating memory for compressed page: 1234, size=1900', 'swap-error', { device: 'zram' }],
  ['zram0: Decompression failed! err=-22, page=7', 'swap-error', { device: 'zram0' }],
  ['zswap: Decompression error (-22)', 'swap-error', {}],
  // states that cannot be
  ['BUG: Bad page state in process qemu:kvm  pfn:1a2b3c', 'bad-page', by('qemu:kvm')],
  ['BUG: Bad page map in process x y  pte:8000000012 pmd:34567', 'bad-page', by('x y')],
  ['mm/pgtable-generic.c:50: bad pmd 00000000abcdef01(800000005dc000e7)', 'bad-page', {}],
  ['BUG: Bad rss-counter state mm:00000000aabbccdd type:MM_ANONPAGES val:12', 'kernel-bug', {}],
  ['BUG: non-zero pgtables_bytes on freeing mm: 4096', 'kernel-bug', {}],
  ['kernel BUG at mm/slub.c:448!', 'kernel-bug', {}],
  ['kernel BUG at ./include/linux/swapops.h:117!', 'kernel-bug', {}],
  ['BUG kmalloc-64 (Not tainted): Poison overwritten', 'kernel-bug', { device: 'kmalloc-64' }],
  ['page_pool_release_retry() stalled pool shutdown: id 9, 3 inflight 120 sec', 'kernel-bug', { seconds: 120, subsystem: 'net' }],
  ['page_pool_release_retry() stalled pool shutdown 4 inflight 60 sec', 'kernel-bug', { seconds: 60 }],
  ['kmemleak: 14 new suspected memory leaks (see /sys/kernel/debug/kmemleak)', 'kmemleak', {}],
  ['unreferenced object 0xffff8881675f7000 (size 192):', 'kmemleak', { bytes: 192 }],
  // hardware
  [
    'EDAC MC1: 4 CE memory read error on CPU_SrcID#1_Ha#0_Chan#2_DIMM#1 (channel:2 slot:1 page:0x2 offset:0x0 grain:32)',
    'hardware-error',
    { count: 4, device: 'MC1 CPU_SrcID#1_Ha#0_Chan#2_DIMM#1' },
  ],
  ['EDAC MC0: 1 UE memory scrubbing error on unknown memory (csrow:1 channel:0)', 'hardware-error', { count: 1 }],
  [
    'EDAC MC0: CE page 0x3d1, offset 0x40, grain 8, syndrome 0xe1, row 2, channel 1, label "DIMM_B1": amd64_edac',
    'hardware-error',
    { device: 'MC0 DIMM_B1' },
  ],
  ['EDAC MC0: UE row 3, channel-a= 0 channel-b= 1 labels "-": e752x UE', 'hardware-error', { device: 'MC0' }],
  ['EDAC MC0: CE - no information available: overflow', 'hardware-error', {}],
  ['{7}[Hardware Error]:   section_type: memory error', 'hardware-error', {}],
  ['mce: [Hardware Error]: Machine check events logged', 'hardware-error', {}],
  ['Machine check events logged', 'hardware-error', {}],
  ['mce: [Hardware Error]: CPU 4: Machine Check: 0 Bank 7: 8c00004000010092', 'hardware-error', { device: 'CPU 4 bank 7' }],
  ['[Hardware Error]: CPU 4: Machine Check Exception: 5 Bank 1: be00000000800134', 'hardware-error', { device: 'CPU 4 bank 1' }],
  ['[Hardware Error]: Corrected error, no action required.', 'hardware-error', {}],
  ['Memory failure: 0x1b2c3: recovery action for dirty LRU page: Recovered', 'hardware-error', {}],
  ['Memory failure: 0x1b2c3: already hardware poisoned', 'hardware-error', {}],
  ['MCE 0x1b2c3: dirty LRU page recovery: Recovered', 'hardware-error', {}],
  ['Memory failure: 0x1b2c3: Sending SIGBUS to db:w 1:900 due to hardware memory corruption', 'hardware-error', killed('db:w 1', 900)],
  ['Memory failure: 0x1b2c3: Killing vm:31 due to hardware memory corruption', 'hardware-error', killed('vm', 31)],
  ['MCE: Killing vm:31 due to hardware memory corruption fault at 7f12', 'hardware-error', killed('vm', 31)],
  ['mce: Uncorrected hardware memory error in user-access at 23c5000', 'hardware-error', {}],
  ['MCE: CPU12: machine check (Severe)  UE Load/Store [Not recovered]', 'hardware-error', { device: 'CPU12' }],
  [
    'Injecting memory failure for pfn 0x1b2c3 at process virtual address 0x7f0000000000',
    'hardware-error',
    { harmless: expect.stringContaining('asked for it') as string },
  ],
  ['soft offline: 0x1b2c3: page migration failed 1, type 17ffffc0080068', 'hardware-error', {}],
  ['soft_offline: 0x1b2c3: hugepage isolation failed: 0, page count 2', 'hardware-error', {}],
  // user-space killers
  [
    'sending SIGTERM to process 4711 uid 1000 "Web "C": ontent": badness 810, VmRSS 3100 MiB',
    'userspace-kill',
    { program: 'earlyoom', bytes: 3100 * MIB, ...killed('Web "C": ontent', 4711) },
  ],
  [
    'sending SIGKILL to process 12 uid 0 "stress": oom_score 1200, oom_score_adj 300, VmRSS 90 MiB, cmdline "stress -m 1"',
    'userspace-kill',
    killed('stress', 12, { oomScoreAdj: 300 }),
    'earlyoom',
  ],
  ['sending SIGTERM to process 12 "stress": badness 800, VmRSS 90 MiB', 'userspace-kill', killed('stress', 12)],
  ['Killing process: stress, pid: 12, badness: 800, VmRSS: 90 MiB', 'userspace-kill', { bytes: 90 * MIB, ...killed('stress', 12) }],
  ['Killing process 12 stress', 'userspace-kill', killed('stress', 12), 'earlyoom'],
  [
    'Killed /user.slice/app-x@1.scope due to memory pressure for /user.slice being 62.10% > 60.00% for > 20s with reclaim activity',
    'userspace-kill',
    { program: 'systemd-oomd', cgroup: '/user.slice/app-x@1.scope' },
    'systemd-oomd',
  ],
  [
    'Killed /a b.service due to memory used (8200 MiB) / total (8300 MiB) and swap used (990) / total (1000) being more than 90.00%',
    'userspace-kill',
    { cgroup: '/a b.service' },
  ],
  [
    'Marked /job.service for killing due to memory pressure for /system.slice being 71.00% > 60.00% for > 30s with reclaim activity',
    'userspace-kill',
    { cgroup: '/job.service' },
  ],
  [
    'Memory pressure for /user.slice/user@1000.service is greater than 50 for more than 20 seconds and there was reclaim activity',
    'userspace-kill',
    { program: 'systemd-oomd', cgroup: '/user.slice/user@1000.service' },
    'systemd-oomd',
  ],
  ['Killed /user.slice/app-x@1.scope', 'userspace-kill', { cgroup: '/user.slice/app-x@1.scope' }, 'systemd-oomd'],
  [
    'app-x@1.scope: systemd-oomd killed 12 process(es) in this unit.',
    'userspace-kill',
    { program: 'systemd-oomd', cgroup: 'app-x@1.scope' },
    'systemd',
  ],
  [
    'oomd kill: 61.20 40.10 11.00 workload.slice/job 123456789 ruleset:[protect] detectorgroup:[mem] killer:[kill_by_memory]',
    'userspace-kill',
    { program: 'oomd', cgroup: '/workload.slice/job', bytes: 123_456_789 },
  ],
  [
    '[talos] Sending SIGKILL to cgroup {"component": "controller-runtime", "controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/kubepods/besteffort/pod7a"}',
    'userspace-kill',
    { program: 'talos', cgroup: '/kubepods/besteffort/pod7a' },
  ],
  ['[ OK ] Sending SIGTERM to the victim; response time: 2.1 ms', 'userspace-kill', { program: 'nohang' }],
  ['Sending SIGKILL to chrome, Pid: 99', 'userspace-kill', killed('chrome', null), 'nohang-desktop'],
  ["lowmemorykiller: Killing 'com.x:ui' (5123), adj 900,", 'userspace-kill', killed('com.x:ui', 5123, { oomScoreAdj: 900 })],
  [
    "lowmemorykiller: Kill 'com.x' (5123), uid 10101, oom_score_adj 900 to free 12345kB rss, 0kB swap; reason: low watermark is breached",
    'userspace-kill',
    { bytes: 12_345 * 1024, program: 'lowmemorykiller' },
  ],
  ['lowmemorykiller: send sigkill to 300 (com.y), adj 12, size 8000', 'userspace-kill', killed('com.y', 300, { oomScoreAdj: 12 })],
  ['send sigkill to 300 (com.y), adj -1, size 8000', 'userspace-kill', {}],
  // evictions
  [
    'I0101 10:00:00.000000    900 eviction_manager.go:346] "Eviction manager: attempting to reclaim" resourceName="memory"',
    'eviction',
    { program: 'kubelet' },
    'kubelet',
  ],
  ['W0101 10:00:00.000000 900 eviction_manager.go:333] eviction manager: attempting to reclaim memory', 'eviction', {}],
  ['eviction manager: must evict pod(s) to reclaim memory', 'eviction', {}],
  ['I0101 10:00:00.000000 9 m.go:3] eviction manager: node conditions - observed: [MemoryPressure]', 'eviction', { program: 'kubelet' }],
  [
    'eviction manager: thresholds - reclaim not satisfied: threshold [signal=memory.available, quantity=100Mi] observed 40Mi',
    'eviction',
    {},
  ],
  ['MemoryPressure   True   KubeletHasInsufficientMemory   kubelet has insufficient memory available', 'eviction', { program: 'kubelet' }],
  [
    'Warning  NodeHasInsufficientMemory  9m (x3 over 2h)  kubelet  Node w-3 status is now: NodeHasInsufficientMemory',
    'eviction',
    { count: 3 },
  ],
  ['Warning  SystemOOM  4m (x5 over 31m)  kubelet, w-3  System OOM encountered', 'oom-kill', { count: 5 }],
  [
    '3m  Warning  SystemOOM  node/w-3  System OOM encountered, victim process: heron, pid: 771',
    'oom-kill',
    { count: 1, ...killed('heron', 771) },
  ],
  ['I0101 10:00:00.000000 9 manager.go:1126] Created an OOM event in container "/" at 2026-01-01 10:00:00', 'oom-kill', {}],
  ['Invoking oom killer: done', 'userspace-kill', { program: 'earlyoom' }],
  ['The node was low on resource: memory. Container web was using 812Mi, which exceeds its request of 0.', 'eviction', {}],
];

const TELLS_NOTHING: readonly (readonly [text: string, program?: string])[] = [
  ['EDAC MC: Ver: 3.0.0'],
  ['EDAC MC0: Giving out device to module ie31200_edac controller IE31200: DEV 0000:00:00.0 (POLLED)'],
  ['EDAC sbridge MC1: HANDLING MCE MEMORY ERROR'],
  ['EDAC DEVICE0: CE: L2 instance: cpu0 block: 0 count: 1'],
  ['mce: CPU supports 22 MCE banks'],
  ['mce: CPU0: Thermal monitoring enabled (TM1)'],
  ['mce: CPUs not responding to MCE broadcast (may include false positives): 3'],
  ['{7}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 1'],
  ['{7}[Hardware Error]:   section_type: PCIe error'],
  ['mce: [Hardware Error]: TSC 0 ADDR 1b2c3000 MISC 140'],
  ['mce: [Hardware Error]: PROCESSOR 0:50654 TIME 1700000000 SOCKET 0 APIC 0 microcode 1'],
  ['virtio_balloon virtio0: device has 3 features'],
  ['hv_balloon: Using Dynamic Memory protocol version 2.0'],
  ['xen:balloon: Initialising balloon driver'],
  ['virtio_mem virtio3: start address: 0x140000000'],
  ['cma: Reserved 64 MiB at 0x000000003c000000'],
  ['cma: number of available pages: 3@125+20@172=> 23 free of 16384 total pages'],
  ['Adding 2097148k swap on /dev/zram0.  Priority:100 extents:1 across:2097148k SSDscFS'],
  ["zram: Can't change algorithm for initialized device"],
  ['zram0: detected capacity change from 0 to 8388608'],
  ['zswap: loaded using pool lzo/zbud'],
  ['TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.'],
  ['perf: interrupt took too long (2501 > 2500), lowering kernel.perf_event_max_sample_rate to 79000'],
  ['INFO: rcu_sched self-detected stall on CPU'],
  ['workqueue: drain_vmap_area_work hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND'],
  ['kernel BUG at fs/inode.c:612!'],
  ['BUG: KASAN: use-after-free in foo+0x1/0x2'],
  ['BUG: unable to handle page fault for address: ffffffffc0000000'],
  ['kmemleak: Kernel memory leak detector initialized (mem pool available: 15000)'],
  ['percpu: Embedded 62 pages/cpu s217088 r8192 d28672 u1048576'],
  ['sending 0 (no-op signal) to process 1 uid 0 "systemd": badness 0, VmRSS 12 MiB', 'earlyoom'],
  ['mem avail:  5000 of 7900 MiB (63.29%), swap free: 2047 of 2047 MiB (100.00%)', 'earlyoom'],
  ['low memory! at or below SIGTERM limits: mem 10.00%, swap 10.00%', 'earlyoom'],
  ['Killing process 1234 (sshd) with signal SIGKILL.', 'systemd'],
  ['Sending SIGTERM to remaining processes...', 'systemd-shutdown'],
  ['java.service: Main process exited, code=killed, status=9/KILL', 'systemd'],
  ['java.service: A process of this unit has been killed by the OOM killer.', 'systemd'],
  ['eviction manager: attempting to reclaim ephemeral-storage', 'kubelet'],
  ['eviction manager: node conditions - observed: [DiskPressure]', 'kubelet'],
  ['MemoryPressure   False   KubeletHasSufficientMemory   kubelet has sufficient memory available', 'kubelet'],
  ['"Eviction manager: must evict pod(s) to reclaim" resourceName="ephemeral-storage"', 'kubelet'],
  ['"Eviction manager: pod is evicted successfully" pod="shop/web-0"', 'kubelet'],
  ['swapoff: /swapfile: swapoff failed: Cannot allocate memory'],
  ['java.lang.OutOfMemoryError: Java heap space'],
  ['I see page allocation failures on my box: any idea?'],
];

const ajv = new Ajv2020({ strict: true }).addVocabulary(['x-unit']);
const valid = ajv.compile<unknown>(kernelLogSchema.properties.events.items);
const all: readonly Family[] = families;

describe('a line tells', () => {
  test.each(TELLS.map((row) => [row[0], row] as const))('%s', (_, [text, kind, details, program]) => {
    const told = tell(text, program ?? null, 100);
    expect(told?.event).toMatchObject({ kind, time: 100, count: 1, text: text.slice(0, 300), ...details });
    expect(valid(told?.event), JSON.stringify(valid.errors)).toBe(true);
  });

  test('every way of saying it has a row', () => {
    const sayings = all.flatMap((family) => family.sayings.map((saying) => [family, saying] as const));
    const unused = sayings.filter(([, { pattern, kind }]) => !TELLS.some((row) => row[1] === kind && pattern.test(row[0])));
    expect(unused.map(([, { pattern }]) => pattern.source)).toEqual([]);
  });

  test('the index lists every family', () => {
    const files = readdirSync('src/gather/kernel-log/told').filter((name) => !['index.ts', 'family.ts', 'harmless.ts'].includes(name));
    expect(all).toHaveLength(files.length);
  });
});

test.each(TELLS_NOTHING.map((row) => [row[0], row[1]] as const))('tells nothing: %s', (text, program) => {
  expect(tell(text, program ?? null, 0.5)).toBeNull();
});

test('the zone lists of the boot are no hotplug', () => {
  const text = 'Built 1 zonelists, mobility grouping on.  Total pages: 1027944';
  expect(tell(text, null, 0.02)).toBeNull();
  expect(tell(text, null, null)).toBeNull();
});

describe('harmless', () => {
  const failure = (rest: string, name = 'systemd-udevd') => tell(`${name}: page allocation failure: ${rest}`, null, 5)?.event.harmless;

  test.each([
    ['order:4, mode:0x41dc0(GFP_KERNEL|__GFP_NORETRY|__GFP_COMP|__GFP_ZERO)', /__GFP_NORETRY/],
    ['order:5, mode:0x11d0', /__GFP_NORETRY/],
    ['order:9, mode:0x1c20ca(GFP_TRANSHUGE_LIGHT)', /transparent huge page/],
  ])('%s', (rest, why) => {
    expect(failure(rest)).toMatch(why);
  });

  test.each([
    'order:3, mode:0x41dc0(GFP_KERNEL|__GFP_NORETRY|__GFP_COMP)',
    'order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO)',
    'order:4, mode:0xd0',
    'order:0, mode:0x820(GFP_ATOMIC)',
    'order:0, mode:0x1020',
    'order:4, mode:0x4dc0(GFP_KERNEL|__GFP_RETRY_MAYFAIL|__GFP_COMP)',
    'order:4,',
  ])('not: %s', (rest) => {
    expect(failure(rest)).toBeUndefined();
  });

  test('khugepaged', () => {
    const stall = 'page allocation stalls for 10300ms, order:9, mode:0x4742ca(GFP_TRANSHUGE|__GFP_THISNODE)';
    expect(tell(`khugepaged: ${stall}`, null, 5)?.event.harmless).toMatch(/khugepaged only tries/);
    expect(failure('order:9, mode:0x320', 'khugepaged')).toMatch(/khugepaged only tries/);
    expect(failure('order:0, mode:0x320', 'khugepaged')).toBeUndefined();
  });
});

describe('lines that follow', () => {
  const event = (text: string): LogEvent => {
    const told = tell(text, null, 1);
    if (told === null) throw new Error(text);
    return told.event;
  };

  test('the cache that had no memory', () => {
    const slub = event('SLUB: Unable to allocate memory on node -1, gfp=0x820(GFP_ATOMIC)');
    const line = '  cache: kmalloc-256(11:web), object size: 256, buffer size: 256, default order: 1, min order: 0';
    expect(adds(slub, line)).toEqual({ device: 'kmalloc-256(11:web)' });
    expect(adds({ ...slub, device: 'x' }, line)).toBeNull();
    expect(adds(slub, '  node 0: slabs: 3, objs: 48, free: 0')).toBeNull();
  });

  test('the pod that was evicted', () => {
    const eviction = event('eviction manager: must evict pod(s) to reclaim memory');
    expect(adds(eviction, '"Eviction manager: pod is evicted successfully" pod="shop/web-0"')).toEqual(killed('shop/web-0', null));
    expect(adds(eviction, 'eviction manager: pod web-0_shop(b7) is evicted successfully')).toEqual(killed('web-0_shop(b7)', null));
  });
});

test('alike lines have one key', () => {
  const key = (text: string) => tell(text, null, 1)?.key;
  const failure = (name: string) => key(`${name}: page allocation failure: order:0, mode:0x820(GFP_ATOMIC)`);
  expect(failure('swapper/3')).toBe(failure('swapper/17'));
  expect(failure('java')).not.toBe(failure('node'));
  expect(key('oomd kill: 11.00 11.00 11.00 a 1 x')).toBeNull();
  const term = tell('sending SIGTERM to process 12 uid 0 "a": badness 800, VmRSS 90 MiB', null, 1);
  const kill = tell('sending SIGKILL to process 12 uid 0 "a": badness 800, VmRSS 90 MiB', null, 2);
  expect([term?.key, term?.once]).toEqual([kill?.key, true]);
});

test('any text: no exception, a valid event', () => {
  const pieces = TELLS.flatMap(([text]) => text.split(/(?<=[\s:,(])/));
  const noise = fc.oneof(
    fc.constantFrom(...pieces),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('0x', '9'.repeat(30), '-1'),
  );
  const line = fc.oneof(
    fc.array(noise, { maxLength: 25 }).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom(...TELLS.map(([text]) => text)), fc.nat(200), fc.string({ maxLength: 30 }))
      .map(([text, at, tail]) => text.slice(0, at) + tail),
  );
  fc.assert(
    fc.property(line, fc.option(fc.constantFrom('earlyoom', 'systemd-oomd', 'kubelet', 'nohang')), (text, program) => {
      const told = tell(text, program, 1);
      if (told === null) return;
      expect(valid(told.event), JSON.stringify(valid.errors)).toBe(true);
      for (const next of TELLS) adds(told.event, next[0]);
    }),
    { numRuns: 2000 },
  );
});

test('a long hostile line takes no time', () => {
  const start = performance.now();
  for (const [text] of TELLS)
    for (const filler of [' ', 'a', ':', '[', '0', '/x', text]) tell(text.slice(0, 12) + filler.repeat(4096).slice(0, 4096), null, 1);
  expect(performance.now() - start).toBeLessThan(3000);
});

describe('subsystem', () => {
  test.each([
    [
      'net',
      [
        'dump_stack+0x6d/0x8b',
        'warn_alloc+0xfe/0x160',
        '__kmalloc_reserve.isra.0+0x2d/0x60',
        '__alloc_skb+0x6a/0x220',
        'tcp_sendmsg+0x1/0x2',
      ],
    ],
    ['xfs', ['warn_alloc', '__vmalloc_node_range', 'kmem_alloc_large+0x5/0x9 [xfs]', 'vfs_read']],
    ['usb', ['__alloc_pages', 'kmalloc_order', 'proc_do_submiturb', 'usbdev_ioctl']],
    ['gpu', ['__alloc_pages', 'shmem_read_mapping_page_gfp', 'drm_gem_get_pages', 'i915_gem_x']],
    ['fork', ['__alloc_pages', 'alloc_thread_stack_node', 'copy_process']],
    ['exec', ['__alloc_pages', 'kmalloc', 'load_elf_binary', 'do_execve']],
    ['acme_hsm', ['__alloc_pages', 'dma_alloc_attrs', 'acme_ring_setup+0x3/0x9 [acme_hsm]']],
    ['page cache', ['__alloc_pages', '__page_cache_alloc', 'filemap_fault', '__do_fault', 'handle_mm_fault']],
    ['slab', ['__alloc_pages', 'new_slab', '___slab_alloc', 'kmem_cache_alloc']],
    [null, ['dump_stack', 'warn_alloc', '__alloc_pages', 'do_syscall_64']],
    [null, []],
  ])('%s', (expected, functions) => {
    expect(subsystemOf(functions)).toBe(expected);
  });
});

test('a healthy boot tells nothing', () => {
  const boot = TELLS_NOTHING.map(([text], index) => takePrefix(`[    ${index}.000001] ${text}`));
  expect(boot.filter(({ text, program, time }) => tell(text, program, time) !== null)).toEqual([]);
});
