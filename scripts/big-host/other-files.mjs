// Everything else that a host shows of itself: pressure, times, disks, settings, modules, mounts, segments.
import { sum } from './numbers.mjs';
import { countersOf } from './counters.mjs';

const BASE_SECONDS = 10_800;

/** Averages as described, and totals that grew by the average of the last ten seconds. */
export function pressureText(psi, at, host, kinds = ['some', 'full']) {
  return kinds
    .map((kind) => {
      const [now, minute, five, boot] = psi[kind] ?? [0, 0, 0];
      const averages =
        at === 0 ? [now, minute, five] : [now - (now - minute) * 0.12, minute - (now - minute) * 0.14, five - (now - five) * 0.03];
      const before = boot ?? (five / 100) * Math.min(host.uptime, BASE_SECONDS);
      const shown = averages.map((value) => Math.max(0, value).toFixed(2));
      return `${kind} avg10=${shown[0]} avg60=${shown[1]} avg300=${shown[2]} total=${Math.round(1e6 * (before + (now / 100) * (host.seconds + at)))}\n`;
    })
    .join('');
}

const SYSCTL = {
  admin_reserve_kbytes: 8192,
  compact_unevictable_allowed: 1,
  compaction_proactiveness: 20,
  dirty_background_bytes: 0,
  dirty_background_ratio: 10,
  dirty_bytes: 0,
  dirty_expire_centisecs: 3000,
  dirty_ratio: 20,
  dirty_writeback_centisecs: 500,
  extfrag_threshold: 500,
  hugetlb_shm_group: 0,
  laptop_mode: 0,
  max_map_count: 65_530,
  min_slab_ratio: 5,
  min_unmapped_ratio: 1,
  nr_overcommit_hugepages: 0,
  numa_stat: 1,
  oom_dump_tasks: 1,
  oom_kill_allocating_task: 0,
  overcommit_kbytes: 0,
  overcommit_memory: 0,
  overcommit_ratio: 50,
  'page-cluster': 3,
  page_lock_unfairness: 5,
  panic_on_oom: 0,
  percpu_pagelist_high_fraction: 0,
  stat_interval: 1,
  swappiness: 60,
  unprivileged_userfaultfd: 0,
  user_reserve_kbytes: 131_072,
  vfs_cache_pressure: 100,
  watermark_boost_factor: 15_000,
  watermark_scale_factor: 10,
  zone_reclaim_mode: 0,
};

export function otherFiles(host, state) {
  const uptime = host.uptime + state.at;
  const counters = countersOf(host, state);
  const busy = host.busy ?? 0.25;
  const wait = host.iowait ?? 0.01;
  const kernel = host.kernelShare ?? 0.2;
  const ticks = (share, cpus) => Math.round(uptime * 100 * cpus * share);
  const cpu = (name, cpus) =>
    `${name} ${[busy * (1 - kernel), 0, busy * kernel, 1 - busy - wait, wait, 0, 0.002, 0, 0, 0].map((share) => ticks(share, cpus)).join(' ')}`;
  const threads = state.threads;
  const activeOf = (cache) => state.slab.rows.find(({ name }) => name === cache).active;
  const names = activeOf('dentry');
  const mapped = host.psi ?? {};
  const huge = host.hugePages ?? { total: 0, free: 0 };
  const pool = 'sys/kernel/mm/hugepages/hugepages-2048kB';
  const text = (path, value) => [path, `${value}\n`];
  const swapDisk = host.swap?.device.replace('/dev/', '').replace(/p\d+$/, '');
  const disks = host.disks ?? ['nvme0n1'];
  const thp = host.thpMode ?? 'madvise';
  return [
    text('proc/uptime', `${uptime.toFixed(2)} ${(uptime * host.cpus * (1 - busy - wait)).toFixed(2)}`),
    text(
      'proc/loadavg',
      `${(host.load ?? [busy * host.cpus, busy * host.cpus, busy * host.cpus]).map((load) => load.toFixed(2)).join(' ')} ${Math.max(1, Math.round(busy * host.cpus))}/${threads} ${state.processes.at(-1).pid + 37}`,
    ),
    text(
      'proc/stat',
      [
        cpu('cpu ', host.cpus),
        ...Array.from({ length: host.cpus }, (_, index) => cpu(`cpu${index}`, 1)),
        `ctxt ${Math.round(uptime * 61_000)}`,
        `btime ${Math.round(host.time - host.uptime)}`,
        `processes ${Math.round(400_000 + uptime * 2)}`,
        `procs_running ${Math.max(1, Math.round(busy * host.cpus))}`,
        `procs_blocked ${host.blocked ?? 0}`,
      ].join('\n'),
    ),
    ...(host.hasPsi === false
      ? []
      : [
          ['proc/pressure/memory', pressureText(mapped.memory ?? {}, state.at, host)],
          ['proc/pressure/io', pressureText(mapped.io ?? { some: [0.4, 0.5, 0.4], full: [0.3, 0.4, 0.3] }, state.at, host)],
          ['proc/pressure/cpu', pressureText(mapped.cpu ?? { some: [0.6, 0.7, 0.7] }, state.at, host)],
        ]),
    text('proc/cmdline', host.cmdline),
    text(
      'proc/version',
      `Linux version ${host.kernel} (builder@build) (gcc (GCC) ${host.gcc ?? '11.4.1'}, GNU ld version 2.35) #1 SMP PREEMPT_DYNAMIC`,
    ),
    text('etc/os-release', host.osRelease),
    text(
      'proc/cpuinfo',
      Array.from(
        { length: host.cpus },
        (_, index) => `processor\t: ${index}\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme de pse tsc msr pae pdpe1gb\n`,
      ).join('\n'),
    ),
    ...Object.entries({
      ...SYSCTL,
      min_free_kbytes: state.minFreeKb,
      nr_hugepages: huge.total,
      lowmem_reserve_ratio: '256\t256\t32\t0\t0',
      ...host.sysctl,
    }).map(([name, value]) => text(`proc/sys/vm/${name}`, value)),
    ...Object.entries({
      numa_balancing: 1,
      pid_max: 4_194_304,
      'threads-max': Math.round(state.managed / 8),
      shmmax: '18446744073692774399',
      shmall: '18446744073692774399',
      shmmni: 4096,
      tainted: host.tainted ?? 0,
      osrelease: host.kernel,
      hostname: host.hostname,
    }).map(([name, value]) => text(`proc/sys/kernel/${name}`, value)),
    text('proc/sys/fs/file-nr', `${activeOf('filp')}\t0\t9223372036854775807`),
    // all, unused, age limit, 0, negative, 0
    text('proc/sys/fs/dentry-state', [names, Math.round(names * 0.93), 45, 0, Math.round(names * 0.04), 0].join('\t')),
    text(`${pool}/nr_hugepages`, huge.total),
    text(`${pool}/free_hugepages`, huge.free),
    ...['resv_hugepages', 'surplus_hugepages', 'nr_overcommit_hugepages'].map((name) => text(`${pool}/${name}`, 0)),
    text(
      'sys/kernel/mm/transparent_hugepage/enabled',
      ['always', 'madvise', 'never'].map((mode) => (mode === thp ? `[${mode}]` : mode)).join(' '),
    ),
    text('sys/kernel/mm/transparent_hugepage/defrag', 'always defer defer+madvise [madvise] never'),
    text('sys/kernel/mm/transparent_hugepage/shmem_enabled', 'always within_size advise [never] deny force'),
    text('sys/kernel/mm/transparent_hugepage/hpage_pmd_size', 2_097_152),
    ...(host.lruGen === undefined ? [] : [text('sys/kernel/mm/lru_gen/enabled', host.lruGen), text('sys/kernel/mm/lru_gen/min_ttl_ms', 0)]),
    ...['run', 'pages_shared', 'pages_sharing', 'pages_unshared', 'pages_volatile', 'full_scans'].map((name) =>
      text(`sys/kernel/mm/ksm/${name}`, 0),
    ),
    text(
      'proc/net/sockstat',
      `sockets: used ${sum(state.processes.map(() => 4))}\nTCP: inuse ${host.tcp ?? 640} orphan 0 tw 22 alloc ${(host.tcp ?? 640) + 12} mem ${host.tcpPages ?? 410}\nUDP: inuse 14 mem 6\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0`,
    ),
    text(
      'proc/modules',
      (
        host.modules ?? [
          'nvme 61440 4 - Live 0x0000000000000000',
          'xfs 2019328 5 - Live 0x0000000000000000',
          'mlx5_core 2473984 0 - Live 0x0000000000000000',
        ]
      ).join('\n'),
    ),
    [
      'proc/diskstats',
      disks.map((name, index) => diskLine(name, index, { counters, all: disks.length, isSwap: name === swapDisk })).join(''),
    ],
    ...disks.flatMap((name) => [
      text(`sys/block/${name}/queue/rotational`, name.startsWith('sd') ? 1 : 0),
      text(`sys/block/${name}/size`, 7_501_476_528),
    ]),
    ...shmFiles(host, state),
    ['proc/cgroups', '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t240\t1\n'],
    ['proc/self/cgroup', '0::/system.slice/sshd.service\n'],
    ...(host.kernelLog === undefined || state.at < 0 ? [] : [['kernel-log.txt', host.kernelLog.trimStart()]]),
  ];
}

function diskLine(name, index, { counters, all, isSwap }) {
  const part = isSwap || all === 1 ? 1 : 1 / all;
  const [read, written] = [counters.pgpgin, counters.pgpgout].map((kilobytes) =>
    Math.round((kilobytes * 2 * part) / (all === 1 ? 1 : 1.05)),
  );
  const [reads, writes] = [Math.round(read / 48), Math.round(written / 90)];
  return `${String(259).padStart(4)} ${String(index * 4).padStart(7)} ${name} ${reads} ${Math.round(reads / 9)} ${read} ${Math.round(reads * 0.21)} ${writes} ${Math.round(writes / 3)} ${written} ${Math.round(writes * 0.6)} 0 ${Math.round(reads * 0.2 + writes * 0.3)} ${Math.round(reads * 0.21 + writes * 0.6)} 0 0 0 0 0 0\n`;
}

function shmFiles(host, state) {
  const mounts = [
    '22 26 0:21 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw',
    '23 26 0:22 / /sys rw,nosuid,nodev,noexec,relatime - sysfs sysfs rw',
    '26 1 259:2 / / rw,relatime - xfs /dev/nvme0n1p2 rw',
    '34 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot',
  ];
  const statfs = ['/dev/nvme0n1p2 / xfs 4096 13100000 7700000 7700000 52400000 51800000', 'cgroup2 /sys/fs/cgroup cgroup2 4096 0 0 0 0 0'];
  const used = new Map(state.shm.filter((one) => one.mount !== undefined).map((one) => [one.mount, one.pages]));
  for (const { mount, mib, size } of host.tmpfs ?? []) {
    const blocks = Math.round((size ?? mib * 4) * 256);
    const free = blocks - used.get(mount);
    mounts.push(`${40 + mounts.length} 26 0:${30 + mounts.length} / ${mount} rw,nosuid,nodev - tmpfs tmpfs rw,size=${blocks * 4}k,inode64`);
    statfs.push(`tmpfs ${mount} tmpfs 4096 ${blocks} ${free} ${free} ${blocks} ${blocks - 40}`);
  }
  const rows = state.shm
    .filter((one) => one.shmid !== undefined)
    .map((one) => {
      const cells = [
        one.key ?? 0,
        one.shmid,
        1600,
        (one.promised ?? one.pages) * 4096,
        one.creator,
        one.creator,
        one.attached,
        one.uid ?? 54_321,
        one.uid ?? 54_321,
        one.uid ?? 54_321,
        one.uid ?? 54_321,
      ];
      const times = [host.time - 40, host.time - 60, host.time - (one.age ?? host.uptime)].map((time) => Math.round(time));
      return [
        ...cells,
        ...times,
        one.pages * 4096,
        one.swapped ? Math.round(((host.shmemSwapMiB ?? 0) + (host.shmemSwapGrow ?? 0) * state.at) * 256) * 4096 : 0,
      ].join(' ');
    });
  return [
    ['proc/self/mountinfo', `${mounts.join('\n')}\n`],
    ['statfs.txt', `${statfs.join('\n')}\n`],
    [
      'proc/sysvipc/shm',
      [
        '       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap',
        ...rows,
        '',
      ].join('\n'),
    ],
  ];
}
