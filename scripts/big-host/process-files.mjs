// /proc/PID of the processes and of the threads of the kernel.
const TICKS = 100;
const NONE = 18_446_744_073_709_551_615n;

const row = (name, value) => `${name}:\t${value}`;
const size = (name, pages) => `${name}:\t${String(pages * 4).padStart(8)} kB`;

export function processFiles(host, state) {
  const nodes = `0-${state.nodes.length - 1}`;
  const init = {
    pid: 1,
    name: 'systemd',
    command: '/usr/lib/systemd/systemd --switched-root --system',
    cgroup: '/init.scope',
    uid: 0,
    threads: 1,
  };
  return state.processes.flatMap((one) => filesOf({ ...init, ...one }, { host, state, nodes }));
}

function filesOf(one, { host, state, nodes }) {
  const dir = `proc/${one.pid}`;
  const resident = one.anon + one.shmem + one.file;
  const lived = Math.max(1, host.uptime + state.at - one.start);
  const ticks = Math.round(lived * one.cpu * TICKS);
  const major = Math.round((one.majflt ? 40_000 * one.majflt : 60) + one.majflt * state.at);
  const minor = Math.round(resident * 1.6 + 900);
  const stat = `${one.pid} (${one.name.slice(0, 15)}) ${one.state} ${one.pid === 1 ? 0 : 1} ${one.pid} ${one.pid} 0 -1 4194560 ${minor} 0 ${major} 0 ${Math.round(ticks * 0.7)} ${Math.round(ticks * 0.3)} 0 0 20 0 ${one.threads} 0 ${one.start * TICKS} ${one.vsize * 4096} ${resident} ${NONE} 1 1 0 0 0 0 0 4096 17642 0 0 0 17 ${one.pid % host.cpus} 0 0 0 0 0 0 0 0 0 0 0 0 0`;
  const share = Math.max(1, one.sharers);
  const pss = one.anon + Math.round(one.file / share) + Math.round(one.shmem / share);
  const status = [
    row('Name', one.name.slice(0, 15)),
    row('Umask', '0022'),
    row('State', one.state === 'S' ? 'S (sleeping)' : one.state === 'D' ? 'D (disk sleep)' : 'R (running)'),
    row('Tgid', one.pid),
    row('Ngid', 0),
    row('Pid', one.pid),
    row('PPid', one.pid === 1 ? 0 : 1),
    row('TracerPid', 0),
    row('Uid', [one.uid, one.uid, one.uid, one.uid].join('\t')),
    row('Gid', [one.uid, one.uid, one.uid, one.uid].join('\t')),
    row('FDSize', one.fds),
    size('VmPeak', one.vsize),
    size('VmSize', one.vsize),
    size('VmLck', 0),
    size('VmPin', 0),
    size('VmHWM', Math.round(resident * 1.004)),
    size('VmRSS', resident),
    size('RssAnon', one.anon),
    size('RssFile', one.file),
    size('RssShmem', one.shmem),
    size('VmData', one.data),
    size('VmStk', 33),
    size('VmExe', 900),
    size('VmLib', 2200),
    size('VmPTE', one.tables),
    size('VmSwap', one.swap),
    size('HugetlbPages', 0),
    row('CoreDumping', 0),
    row('THP_enabled', 1),
    row('Threads', one.threads),
    row('Cpus_allowed_list', `0-${host.cpus - 1}`),
    row('Mems_allowed_list', one.mems ?? nodes),
    '',
  ].join('\n');
  const rollup = [
    'Rss',
    resident,
    'Pss',
    pss,
    'Pss_Dirty',
    one.anon,
    'Pss_Anon',
    one.anon,
    'Pss_File',
    Math.round(one.file / share),
    'Pss_Shmem',
    Math.round(one.shmem / share),
    'Anonymous',
    one.anon,
    'Swap',
    one.swap,
    'SwapPss',
    one.swap,
  ];
  const rollupLines = rollup.flatMap((name, index) => (index % 2 === 0 ? [size(name, rollup[index + 1])] : []));
  return [
    [`${dir}/stat`, `${stat}\n`],
    [`${dir}/status`, status],
    [`${dir}/statm`, `${one.vsize} ${resident} ${one.file + one.shmem} 220 0 ${one.data} 0\n`],
    [`${dir}/oom_score_adj`, `${one.adjust}\n`],
    [`${dir}/cgroup`, `0::${one.cgroup}\n`],
    [`${dir}/cmdline`, `${one.command.split(' ').join('\0')}\0`],
    [`${dir}/smaps_rollup`, ['400000-7ffffffff000 ---p 00000000 00:00 0 [rollup]', ...rollupLines, ''].join('\n')],
    [
      `${dir}/limits`,
      `Limit                     Soft Limit           Hard Limit           Units     \nMax locked memory         ${String(one.locked).padEnd(20)} ${String(one.locked).padEnd(20)} bytes     \nMax open files            65536                65536                files     \n`,
    ],
    ...(one.mems ? [[`${dir}/numa_maps`, numaMaps(one, state.nodes.length)]] : []),
  ];
}

/** One line for what is anonymous and one for files; the pages of each node as the description spreads them. */
function numaMaps(one, count) {
  const weights = one.nodes ?? Array.from({ length: count }, () => 1);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const by = (pages) =>
    weights
      .map((weight, node) => [node, Math.round((pages * weight) / all)])
      .flatMap(([node, held]) => (held > 0 ? [`N${node}=${held}`] : []));
  const policy = one.policy ?? 'default';
  return [
    `00400000 ${policy} file=/opt/app/bin/${one.name} mapped=${one.file} ${by(one.file).join(' ')} kernelpagesize_kB=4`,
    `7f0000000000 ${policy} anon=${one.anon} dirty=${one.anon} swapcache=0 active=${Math.round(one.anon * 0.6)} ${by(one.anon).join(' ')} kernelpagesize_kB=4`,
    '',
  ].join('\n');
}

/** Threads of the kernel have a stat and a status without sizes. */
export function kernelThreadFiles(host, state) {
  return state.kernelThreads.flatMap((name, index) => {
    const pid = index + 2;
    const [busy, spent] = [host.kernelCpu?.[name.replace(/\d+$/, '')] ?? 0, host.kernelCpuSpent?.[name.replace(/\d+$/, '')] ?? 0];
    const ticks = Math.round((spent + busy * state.at) * TICKS);
    const flags = 2_129_984; // PF_KTHREAD
    return [
      [
        `proc/${pid}/stat`,
        `${pid} (${name.slice(0, 15)}) ${busy > 0.5 ? 'R' : 'S'} ${pid === 2 ? 0 : 2} 0 0 0 -1 ${flags} 0 0 0 0 0 ${ticks} 0 0 20 0 1 0 ${120 + (index % 40)} 0 0 ${NONE} 0 0 0 0 0 0 0 2147483647 0 0 0 0 17 ${index % host.cpus} 0 0 0 0 0 0 0 0 0 0 0 0 0\n`,
      ],
      [
        `proc/${pid}/status`,
        ['Name', name.slice(0, 15), 'State', 'S (sleeping)', 'Tgid', pid, 'Pid', pid, 'PPid', 2, 'FDSize', 64, 'Threads', 1].reduce(
          (text, word, at) => `${text}${word}${at % 2 === 0 ? ':\t' : '\n'}`,
          '',
        ),
      ],
    ];
  });
}
