// A node with 220 pods and half of its memory available; one container lives at its memory.max, re-reads its files and loses workers.
import { randomOf } from '../numbers.mjs';

const HOUR = 3600;
const DAY = 24 * HOUR;
const random = randomOf('pods');
const hex = (digits) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
const uid = () => [8, 4, 4, 4, 12].map(hex).join('_');
const BURST = '/kubepods.slice/kubepods-burstable.slice';
const BEST = '/kubepods.slice/kubepods-besteffort.slice';
const APPS = [
  ['java', 'java -XX:MaxRAMPercentage=70 -jar /app/service-%.jar', 1700, 60],
  ['node', 'node /app/server.js', 310, 11],
  ['envoy', 'envoy -c /etc/envoy/envoy.yaml', 120, 34],
  ['python3', 'python3 -m uvicorn app:main', 420, 6],
  ['nginx', 'nginx: worker process', 45, 1],
  ['server', '/server --listen :8080', 190, 22],
];

/** One pod: its slice, the container that holds the sandbox open, and the container with the work. */
function pod(index) {
  const name = uid();
  const parent = index % 9 === 0 ? BEST : BURST;
  const slice = `${parent}/${parent === BEST ? 'kubepods-besteffort' : 'kubepods-burstable'}-pod${name}.slice`;
  const scope = `${slice}/cri-containerd-${hex(64)}.scope`;
  const [app, command, anon, threads] = APPS[index % APPS.length];
  const held = Math.round(anon * (0.5 + random()));
  const age = Math.round(HOUR + random() * 20 * DAY);
  const limit = parent === BURST && index % 8 === 1 ? 256 * Math.ceil((held * 1.7 + 300) / 256) : undefined;
  const cache = Math.round(60 + random() * 900) * (limit === undefined ? 1 : 0.15);
  return {
    processes: [
      {
        name: 'pause',
        command: '/pause',
        anon: 0.2,
        file: 0.6,
        age,
        cgroup: `${slice}/cri-containerd-${hex(64)}.scope`,
        adjust: -998,
        uid: 65_535,
        cpu: 0,
      },
      {
        name: app,
        command: command.replace('%', String(index)),
        anon: held,
        file: 28,
        threads,
        age: age - 4,
        cgroup: scope,
        adjust: parent === BEST ? 1000 : 985,
        uid: 10_000,
        cpu: 0.04 + random() * 0.2,
        fds: 512,
      },
    ],
    cgroups: [
      ...(limit === undefined ? [] : [{ path: slice, max: limit }]),
      { path: scope, cache, slab: 3 + random() * 20, ...(limit === undefined ? {} : { max: limit }) },
    ],
  };
}

const pods = Array.from({ length: 219 }, (_, index) => pod(index));
const POD = `${BURST}/kubepods-burstable-pod4f2d7a90_1c33_4b1e_9a57_60cc3be1d2f8.slice`;
const SCOPE = `${POD}/cri-containerd-9b7e1f04d2c85a6e3f1097bb4cd5821e60a3f7d94e2b18c5760fa9d3e84b21c7.scope`;
const uptime = 23 * DAY + 4011.3;
const psi = (some, full) => ({ some: [some, some * 0.98, some * 0.95, 61_000], full });
const stalls = 37.4;
const reclaim = {
  pgscan: [91_000, 2_400_000_000],
  pgsteal: [27_000, 880_000_000],
  pgscan_direct: [91_000, 2_400_000_000],
  pgsteal_direct: [27_000, 880_000_000],
};

export default {
  hostname: 'node-31',
  kernel: '6.8.0-45-generic',
  gcc: '13.2.0',
  osRelease: 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"',
  cmdline: 'BOOT_IMAGE=/boot/vmlinuz-6.8.0-45-generic root=UUID=0c4f0c3e-7d3a-4a2b-8f7c-2be6d8a5b0a1 ro',
  time: 1_795_435_200.331,
  uptime,
  cpus: 128,
  nodes: [
    { ram: 256, cache: 61, cacheGrow: 0.6, largeBlocks: 0.35 },
    { ram: 256, cache: 58, cacheGrow: 0.5, largeBlocks: 0.4 },
  ],
  lruGen: '0x0007',
  disks: ['nvme0n1', 'nvme1n1'],
  busy: 0.36,
  iowait: 0.02,
  load: [51.3, 49.8, 48.2],
  dyingCgroups: 94,
  tmpfs: [
    { mount: '/dev/shm', mib: 0.5, size: 257_000 },
    { mount: '/run', mib: 96, size: 51_000 },
  ],
  sysctl: { overcommit_memory: 1, panic_on_oom: 0 },
  processes: [
    { name: 'systemd', pid: 1, anon: 16, cgroup: '/init.scope' },
    {
      name: 'kubelet',
      command: '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml',
      anon: 240,
      file: 70,
      threads: 190,
      adjust: -999,
      cgroup: '/system.slice/kubelet.service',
      cpu: 0.6,
      fds: 1024,
    },
    {
      name: 'containerd',
      command: '/usr/bin/containerd',
      anon: 410,
      file: 40,
      threads: 160,
      adjust: -999,
      cgroup: '/system.slice/containerd.service',
      cpu: 0.5,
      fds: 2048,
    },
    {
      name: 'containerd-shim',
      command: '/usr/bin/containerd-shim-runc-v2 -namespace k8s.io',
      count: 220,
      anon: 11,
      file: 9,
      threads: 12,
      age: 20 * DAY,
      adjust: -998,
      cgroup: '/system.slice/containerd.service',
      cpu: 0.005,
    },
    ...pods.flatMap((one) => one.processes),
    {
      name: 'pause',
      command: '/pause',
      anon: 0.2,
      file: 0.6,
      age: 9 * DAY,
      cgroup: `${POD}/cri-containerd-${hex(64)}.scope`,
      adjust: -998,
      uid: 65_535,
      cpu: 0,
    },
    {
      name: 'indexer',
      command: '/usr/bin/python3 /srv/indexer/master.py --workers 6',
      pid: 811_204,
      anon: 190,
      file: 30,
      threads: 4,
      age: 9 * DAY,
      cgroup: SCOPE,
      adjust: 969,
      uid: 10_001,
    },
    {
      name: 'indexer-worker',
      command: '/usr/bin/python3 /srv/indexer/worker.py --shard %',
      count: 6,
      anon: 980,
      file: 30,
      threads: 3,
      age: 6 * HOUR,
      cgroup: SCOPE,
      adjust: 969,
      uid: 10_001,
      cpu: 0.7,
      majflt: 310,
      state: 'D',
    },
  ],
  cgroups: [
    { path: '/kubepods.slice', max: 495_616, psi: psi(stalls, [0.02, 0.02, 0.02, 900]) },
    { path: BURST, psi: psi(stalls, [0.2, 0.2, 0.2, 2100]) },
    { path: '/system.slice/containerd.service', cache: 9800 },
    { path: '/system.slice/kubelet.service', cache: 700 },
    ...pods.flatMap((one) => one.cgroups),
    { path: POD, max: 8192, psi: psi(stalls, [28.8, 28.1, 27.4, 44_000]) },
    {
      path: SCOPE,
      max: 8192 - 64,
      swapMax: 0,
      full: true,
      slab: 34,
      activeFile: 0.2,
      mapped: 0.9,
      psi: psi(stalls, [29.1, 28.4, 27.6, 44_500]),
      events: { max: [2840, 71_000_000], oom: [0, 9], oom_kill: [0, 9] },
      stat: {
        ...reclaim,
        workingset_refault_file: [24_300, 790_000_000],
        workingset_activate_file: [8800, 260_000_000],
        workingset_restore_file: [5100, 150_000_000],
        pgmajfault: [1880, 59_000_000],
        pgfault: [9100, 310_000_000],
        pgactivate: [9000, 270_000_000],
      },
    },
  ],
  mappedFileMiB: 9400,
  tcp: 9800,
  tcpPages: 6200,
  counters: {
    alloc: [330_000],
    readKb: [118_000],
    writeKb: [74_000],
    pgfault: [210_000],
    majfault: [1890, 59_400_000],
    memcg_scan: [91_000, 2_400_000_000],
    memcg_steal: [27_000, 880_000_000],
    workingset_refault_file: [24_300, 791_000_000],
    workingset_activate_file: [8800, 260_000_000],
    workingset_restore_file: [5100, 150_000_000],
    oom_kill: [0, 9],
  },
  psi: {
    memory: psi(stalls, [0.01, 0.01, 0.01, 700]),
    io: { some: [21.2, 20.8, 20.1, 41_000], full: [0.1, 0.1, 0.1, 800] },
    cpu: { some: [2.4, 2.3, 2.3, 44_000] },
  },
  kernelLog: `
[    0.000000] Linux version 6.8.0-45-generic (builder@build) (gcc (GCC) 13.2.0, GNU ld version 2.35) #45-Ubuntu SMP PREEMPT_DYNAMIC
[1880202.114208] Memory cgroup out of memory: Killed process 3902114 (indexer-worker) total-vm:2311400kB, anon-rss:1984220kB, file-rss:30720kB, shmem-rss:0kB, UID:10001 pgtables:4260kB oom_score_adj:969
[1939514.602117] Memory cgroup out of memory: Killed process 3990187 (indexer-worker) total-vm:2290112kB, anon-rss:1961008kB, file-rss:30720kB, shmem-rss:0kB, UID:10001 pgtables:4212kB oom_score_adj:969
[1969710.330418] indexer-worker invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=969
[1969710.330431] CPU: 77 PID: 4011870 Comm: indexer-worker Not tainted 6.8.0-45-generic #45-Ubuntu
[1969710.330440] Call Trace:
[1969710.330442]  <TASK>
[1969710.330446]  dump_stack_lvl+0x76/0xa0
[1969710.330455]  dump_header+0x48/0x230
[1969710.330461]  oom_kill_process+0x118/0x280
[1969710.330467]  out_of_memory+0x103/0x340
[1969710.330473]  mem_cgroup_out_of_memory+0x145/0x160
[1969710.330480]  try_charge_memcg+0x6d5/0x7c0
[1969710.330485]  mem_cgroup_charge+0x43/0xe0
[1969710.330491]  do_anonymous_page+0x188/0x4a0
[1969710.330497]  handle_mm_fault+0x183/0x370
[1969710.330502]  </TASK>
[1969710.330518] memory: usage 8323072kB, limit 8323072kB, failcnt 64811270
[1969710.330521] swap: usage 0kB, limit 0kB, failcnt 0
[1969710.330524] Memory cgroup stats for ${SCOPE}:
[1969710.330540] anon 8201338880
[1969710.330541] file 246415360
[1969710.330542] kernel 75071488
[1969710.330543] shmem 0
[1969710.330544] inactive_anon 3110002688
[1969710.330545] active_anon 5091336192
[1969710.330546] inactive_file 151547904
[1969710.330547] active_file 94867456
[1969710.330548] unevictable 0
[1969710.330560] Tasks state (memory values in pages):
[1969710.330561] [  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
[1969710.330566] [ 811204] 10001 811204    92110    56320    48640     7680         0   569344        0           969 indexer
[1969710.330571] [4011870] 10001 4011870   598110   512744   505064     7680         0  4431872        0           969 indexer-worker
[1969710.330576] [3980033] 10001 3980033   391040   286208   278528     7680         0  2605056        0           969 indexer-worker
[1969710.330581] [3980051] 10001 3980051   412006   301312   293632     7680         0  2711552        0           969 indexer-worker
[1969710.330586] [3980066] 10001 3980066   402211   294400   286720     7680         0  2658304        0           969 indexer-worker
[1969710.330591] [3980090] 10001 3980090   401804   293888   286208     7680         0  2654208        0           969 indexer-worker
[1969710.330596] [3980102] 10001 3980102   417730   311118   303438     7680         0  2785280        0           969 indexer-worker
[1969710.330602] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=${SCOPE.split('/').at(-1)},mems_allowed=0-1,oom_memcg=${SCOPE},task_memcg=${SCOPE},task=indexer-worker,pid=4011870,uid=10001
[1969710.330640] Memory cgroup out of memory: Killed process 4011870 (indexer-worker) total-vm:2392440kB, anon-rss:2020256kB, file-rss:30720kB, shmem-rss:0kB, UID:10001 pgtables:4328kB oom_score_adj:969
`,
};
