// /sys/fs/cgroup of version 2: what processes and the described caches charge to a group is charged to all above it.
import { sum } from './numbers.mjs';
import { pressureText } from './other-files.mjs';

const PAGE = 4096;
const ancestors = (path) =>
  path
    .split('/')
    .slice(1)
    .map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`);
const total = (state, key) => sum(state.nodes.map((node) => node[key]));
const EVENTS = ['low', 'high', 'max', 'oom', 'oom_kill', 'oom_group_kill'];
const COUNTERS = [
  'workingset_refault_anon',
  'workingset_refault_file',
  'workingset_activate_anon',
  'workingset_activate_file',
  'workingset_restore_anon',
  'workingset_restore_file',
  'workingset_nodereclaim',
  'pgscan',
  'pgsteal',
  'pgscan_kswapd',
  'pgscan_direct',
  'pgsteal_kswapd',
  'pgsteal_direct',
  'pgfault',
  'pgmajfault',
  'pgrefill',
  'pgactivate',
  'pgdeactivate',
  'pglazyfree',
  'pglazyfreed',
  'zswpin',
  'zswpout',
  'thp_fault_alloc',
  'thp_collapse_alloc',
];
const empty = () => ({
  anon: 0,
  cache: 0,
  shmem: 0,
  stacks: 0,
  pageTables: 0,
  slabReclaimable: 0,
  slabUnreclaimable: 0,
  swap: 0,
  tasks: 0,
  events: {},
  stat: {},
});

export function cgroupFiles(host, state) {
  const charges = new Map([['/', empty()]]);
  const described = new Map((host.cgroups ?? []).map((one) => [one.path, one]));
  const add = (path, what) => {
    for (const each of ancestors(path)) {
      const charge = charges.get(each) ?? charges.set(each, empty()).get(each);
      for (const [key, pages] of Object.entries(what)) charge[key] += pages;
    }
  };
  for (const one of state.processes)
    add(one.cgroup, {
      anon: one.anon,
      stacks: 4 * one.threads,
      pageTables: one.tables,
      swap: one.swap,
      slabUnreclaimable: 60 + 9 * one.threads,
      tasks: one.threads,
    });
  for (const one of state.shm) add(one.cgroup ?? '/system.slice', { shmem: one.pages });
  for (const one of described.values()) {
    const room = one.max === undefined ? Infinity : one.max * 256;
    const wanted = Math.round(((one.cache ?? 0) + (one.cacheGrow ?? 0) * state.at) * 256);
    const held = charges.get(one.path);
    // at its limit the cache has what the rest leaves, but for a batch of charges
    const left = held && one.full ? room - heldBy(held) - Math.round((one.slab ?? 0) * 256) - (state.at < 0 ? 21 : 3) : wanted;
    const kernel = Math.round((one.slab ?? 0) * 256);
    add(one.path, {
      cache: Math.max(0, one.full ? left : wanted),
      slabReclaimable: kernel >> 1,
      slabUnreclaimable: kernel - (kernel >> 1),
    });
  }
  // events and counters of a group are those of all below it as well
  for (const { path, events = {}, stat = {} } of described.values())
    for (const each of ancestors(path))
      for (const [kept, added] of [
        [charges.get(each).events, events],
        [charges.get(each).stat, stat],
      ])
        for (const [name, value] of Object.entries(added)) kept[name] = (kept[name] ?? 0) + Math.round(at(value, state.at));
  const files = [...charges].flatMap(([path, charge]) =>
    path === '/' ? [] : groupFiles(host, state, { path, charge, one: described.get(path) ?? {} }),
  );
  const live = charges.size - 1;
  return [
    ['sys/fs/cgroup/cgroup.controllers', 'cpuset cpu io memory hugetlb pids rdma misc\n'],
    ['sys/fs/cgroup/cgroup.stat', `nr_descendants ${live}\nnr_dying_descendants ${host.dyingCgroups ?? 11}\n`],
    ['sys/fs/cgroup/memory.stat', statText(rootCharge(state), host, {})],
    ...files,
  ];
}

const heldBy = (charge) =>
  charge.anon + charge.cache + charge.shmem + charge.stacks + charge.pageTables + charge.slabReclaimable + charge.slabUnreclaimable;

function rootCharge(state) {
  const keys = ['anon', 'cache', 'shmem', 'stacks', 'pageTables', 'slabReclaimable', 'slabUnreclaimable'];
  return { ...empty(), ...Object.fromEntries(keys.map((key) => [key, total(state, key)])) };
}

function groupFiles(host, state, { path, charge, one }) {
  const dir = `sys/fs/cgroup${path}`;
  const current = heldBy(charge);
  const limit = (mib) => (mib === undefined ? 'max' : String(mib * 1_048_576));
  const swapLimit = one.swapMax === undefined ? 'max' : String(one.swapMax);
  const events = EVENTS.map((name) => `${name} ${charge.events[name] ?? 0}`).join('\n');
  return [
    [`${dir}/cgroup.controllers`, 'cpu memory pids\n'],
    [`${dir}/cgroup.stat`, 'nr_descendants 0\nnr_dying_descendants 0\n'],
    [`${dir}/memory.current`, `${current * PAGE}\n`],
    [`${dir}/memory.peak`, `${Math.round(one.full ? one.max * 256 : current * 1.03) * PAGE}\n`],
    [`${dir}/memory.max`, `${limit(one.max)}\n`],
    [`${dir}/memory.high`, `${limit(one.high)}\n`],
    [`${dir}/memory.low`, '0\n'],
    [`${dir}/memory.min`, '0\n'],
    [`${dir}/memory.swap.current`, `${charge.swap * PAGE}\n`],
    [`${dir}/memory.swap.max`, `${swapLimit}\n`],
    [`${dir}/memory.events`, `${events}\n`],
    [`${dir}/memory.stat`, statText(charge, host, one)],
    ...(one.cpusetMems === undefined ? [] : [[`${dir}/cpuset.mems`, `${one.cpusetMems}\n`]]),
    ...(host.hasPsi === false ? [] : [[`${dir}/memory.pressure`, pressureText(one.psi ?? stallsBelow(host, path), state.at, host)]]),
  ];
}

const at = (value, moment) => {
  const [rate, boot = 0] = [value].flat().length === 1 ? [0, value] : value;
  return boot + rate * moment;
};

function statText(charge, host, one) {
  const bytes = (pages) => Math.round(pages) * PAGE;
  const anonLists = charge.anon + charge.shmem;
  const kernel = charge.stacks + charge.pageTables + charge.slabReclaimable + charge.slabUnreclaimable;
  const rows = {
    anon: bytes(charge.anon),
    file: bytes(charge.cache + charge.shmem),
    kernel: bytes(kernel),
    kernel_stack: bytes(charge.stacks),
    pagetables: bytes(charge.pageTables),
    sec_pagetables: 0,
    percpu: 0,
    sock: 0,
    vmalloc: 0,
    shmem: bytes(charge.shmem),
    zswap: 0,
    zswapped: 0,
    file_mapped: bytes(Math.min(charge.cache, charge.cache * (one.mapped ?? 0.2)) + charge.shmem),
    file_dirty: bytes(charge.cache * 0.001),
    file_writeback: 0,
    swapcached: 0,
    anon_thp: bytes(Math.floor((charge.anon * (host.thp ?? 0.2)) / 512) * 512),
    file_thp: 0,
    shmem_thp: 0,
    inactive_anon: bytes(anonLists - Math.round(anonLists * 0.62)),
    active_anon: bytes(Math.round(anonLists * 0.62)),
    inactive_file: bytes(charge.cache - Math.round(charge.cache * (one.activeFile ?? 0.38))),
    active_file: bytes(Math.round(charge.cache * (one.activeFile ?? 0.38))),
    unevictable: 0,
    slab_reclaimable: bytes(charge.slabReclaimable),
    slab_unreclaimable: bytes(charge.slabUnreclaimable),
    slab: bytes(charge.slabReclaimable + charge.slabUnreclaimable),
  };
  const counters = COUNTERS.map((name) => `${name} ${charge.stat[name] ?? (name === 'pgfault' ? charge.anon * 2 : 0)}`);
  return `${[...Object.entries(rows).map(([name, value]) => `${name} ${value}`), ...counters].join('\n')}\n`;
}

/** Some task of a group waits whenever one of a group below it does; all of its tasks do so less often. */
function stallsBelow(host, path) {
  const below = (host.cgroups ?? []).filter((one) => one.psi && one.path.startsWith(`${path}/`));
  const most = below.toSorted((a, b) => b.psi.some[0] - a.psi.some[0])[0]?.psi;
  return most === undefined ? {} : { some: most.some, full: most.full.map((value) => value * 0.8) };
}
