// Files of the kernel about memory, from one state: /proc/{meminfo,vmstat,zoneinfo,buddyinfo,swaps} and those of the nodes.
import { randomOf, sum } from './numbers.mjs';
import { countersOf, VMSTAT } from './counters.mjs';

const kb = (pages) => pages * 4;
const line = (name, value, unit = ' kB') => `${`${name}:`.padEnd(16)}${String(value).padStart(8)}${unit}`;
const total = (state, key) => sum(state.nodes.map((node) => node[key]));

/** Swap in use, in pages: what processes have there, what is of shared memory, and copies of what is in memory as well. */
const swapUsed = (host, state) =>
  sum(state.processes.map((one) => one.swap)) +
  Math.round(((host.shmemSwapMiB ?? 0) + (host.shmemSwapGrow ?? 0) * state.at) * 256) +
  total(state, 'swapCached');

const swapTotal = (host) => Math.max(0, (host.swap?.mib ?? 0) * 256 - 1);

/** si_mem_available() of mm/show_mem.c. */
export function availableOf(state) {
  const low = sum(state.zones.map((zone) => zone.low));
  const reserve = sum(state.zones.map((zone) => Math.min(zone.managed, Math.max(...zone.protection) + zone.high)));
  const part = (pages) => pages - Math.min(Math.floor(pages / 2), low);
  return Math.max(0, total(state, 'free') - reserve + part(total(state, 'cache')) + part(total(state, 'slabReclaimable')));
}

function mappedOf(host, nodes) {
  const files = nodes.map((node) => Math.min(Math.round(node.cache * 0.6), Math.round(((host.mappedFileMiB ?? 700) * 256) / nodes.length)));
  return nodes.map((node, index) => files[index] + Math.round(node.shmem * (host.shmemMapped ?? 0.97)));
}

export function meminfoText(host, state) {
  const of = (key) => kb(total(state, key));
  const huge = host.hugePages ?? { total: 0, free: 0 };
  const memTotal = kb(state.managed);
  const swap = swapTotal(host);
  const cached = of('cache') - of('buffers') + of('shmem');
  const [active, inactive] = [of('activeAnon') + of('activeFile'), of('inactiveAnon') + of('inactiveFile')];
  const reclaimable = of('slabReclaimable');
  const present = kb(sum(state.zones.map((zone) => zone.present)));
  const committed = sum(state.processes.map((one) => one.data)) + sum(state.shm.map((one) => one.promised ?? one.pages));
  return [
    line('MemTotal', memTotal),
    line('MemFree', of('free')),
    line('MemAvailable', kb(availableOf(state))),
    line('Buffers', of('buffers')),
    line('Cached', cached),
    line('SwapCached', of('swapCached')),
    line('Active', active),
    line('Inactive', inactive),
    line('Active(anon)', of('activeAnon')),
    line('Inactive(anon)', of('inactiveAnon')),
    line('Active(file)', of('activeFile')),
    line('Inactive(file)', of('inactiveFile')),
    line('Unevictable', of('locked')),
    line('Mlocked', of('locked')),
    line('SwapTotal', kb(swap)),
    line('SwapFree', kb(swap - swapUsed(host, state))),
    line('Zswap', 0),
    line('Zswapped', 0),
    line('Dirty', of('dirty')),
    line('Writeback', of('writeback')),
    line('AnonPages', of('anon')),
    line('Mapped', kb(sum(mappedOf(host, state.nodes)))),
    line('Shmem', of('shmem')),
    line('KReclaimable', reclaimable),
    line('Slab', reclaimable + of('slabUnreclaimable')),
    line('SReclaimable', reclaimable),
    line('SUnreclaim', of('slabUnreclaimable')),
    line('KernelStack', of('stacks')),
    line('PageTables', of('pageTables')),
    line('SecPageTables', 0),
    line('NFS_Unstable', 0),
    line('Bounce', 0),
    line('WritebackTmp', 0),
    line('CommitLimit', Math.floor((memTotal - of('hugetlb')) / 2) + kb(swap)),
    line('Committed_AS', kb(committed)),
    line('VmallocTotal', 34_359_738_367),
    // the stacks of the kernel lie there, too
    line('VmallocUsed', of('vmalloc') + of('stacks')),
    line('VmallocChunk', 0),
    line('Percpu', of('percpu')),
    line('HardwareCorrupted', 0),
    line('AnonHugePages', of('thp')),
    line('ShmemHugePages', 0),
    line('ShmemPmdMapped', 0),
    line('FileHugePages', 0),
    line('FilePmdMapped', 0),
    line('HugePages_Total', huge.total, ''),
    line('HugePages_Free', huge.free, ''),
    line('HugePages_Rsvd', 0, ''),
    line('HugePages_Surp', 0, ''),
    line('Hugepagesize', 2048),
    line('Hugetlb', of('hugetlb')),
    line('DirectMap4k', 1_048_576),
    line('DirectMap2M', 63 * 1_048_576),
    line('DirectMap1G', (Math.ceil(present / 1_048_576) - 64) * 1_048_576),
    '',
  ].join('\n');
}

/** The gauges of /proc/vmstat and of a node's vmstat, of some nodes. */
function gaugesOf(host, state, nodes) {
  const of = (key) => sum(nodes.map((node) => node[key]));
  const mapped = mappedOf(host, state.nodes);
  return {
    nr_free_pages: of('free'),
    nr_zone_inactive_anon: of('inactiveAnon'),
    nr_zone_active_anon: of('activeAnon'),
    nr_zone_inactive_file: of('inactiveFile'),
    nr_zone_active_file: of('activeFile'),
    nr_zone_unevictable: of('locked'),
    nr_zone_write_pending: of('dirty') + of('writeback'),
    nr_mlock: of('locked'),
    nr_inactive_anon: of('inactiveAnon'),
    nr_active_anon: of('activeAnon'),
    nr_inactive_file: of('inactiveFile'),
    nr_active_file: of('activeFile'),
    nr_unevictable: of('locked'),
    nr_slab_reclaimable: of('slabReclaimable'),
    nr_slab_unreclaimable: of('slabUnreclaimable'),
    nr_anon_pages: of('anon'),
    nr_mapped: sum(nodes.map((node) => mapped[node.node])),
    nr_file_pages: of('cache') + of('shmem') + of('swapCached'),
    nr_dirty: of('dirty'),
    nr_writeback: of('writeback'),
    nr_shmem: of('shmem'),
    nr_anon_transparent_hugepages: of('thp') / 512,
    nr_kernel_stack: of('stacks') * 4,
    nr_page_table_pages: of('pageTables'),
    nr_swapcached: of('swapCached'),
    workingset_nodes: Math.round(of('cache') / 900),
  };
}

/** What may be dirty before writers are held up: 20 % and 10 % of free pages above the reserves and the page cache. */
function dirtyLimits(state) {
  const reserve = sum(state.zones.map((zone) => Math.min(zone.managed, Math.max(...zone.protection) + zone.high)));
  const dirtyable = Math.max(0, total(state, 'free') - reserve) + total(state, 'cache');
  return { nr_dirty_threshold: Math.round(dirtyable * 0.2), nr_dirty_background_threshold: Math.round(dirtyable * 0.1) };
}

const named = (names, values) => names.map((name) => `${name} ${values[name] ?? 0}`);

export const vmstatText = (host, state) =>
  `${named(VMSTAT, { ...countersOf(host, state), ...gaugesOf(host, state, state.nodes), ...dirtyLimits(state) }).join('\n')}\n`;

export function zoneinfoText(host, state) {
  const random = randomOf(`${host.name} zoneinfo`);
  return state.zones
    .map((zone, index) => {
      const first = state.zones.findIndex((one) => one.node === zone.node) === index;
      const node = state.nodes[zone.node];
      const gauges = gaugesOf(host, state, [node]);
      const isNormal = zone.zone === 'Normal';
      const stats = first
        ? [
            '  per-node stats',
            ...VMSTAT.filter((name) => name in gauges && !/zone|nr_free/.test(name)).map((name) => `      ${name} ${gauges[name]}`),
          ]
        : [];
      const zoneStats = ['inactive_anon', 'active_anon', 'inactive_file', 'active_file', 'unevictable', 'write_pending'].map(
        (name) => `      nr_zone_${name} ${isNormal ? gauges[`nr_zone_${name}`] : 0}`,
      );
      const high = Math.max(4, Math.floor(zone.low / Math.ceil(host.cpus / state.nodes.length)));
      return [
        `Node ${zone.node}, zone ${zone.zone.padStart(8)}`,
        ...stats,
        `  pages free     ${zone.free}`,
        '        boost    0',
        ...['min', 'low', 'high', 'spanned', 'present', 'managed'].map((name) => `        ${name.padEnd(8)} ${zone[name]}`),
        '        cma      0',
        `        protection: (${zone.protection.join(', ')})`,
        `      nr_free_pages ${zone.free}`,
        ...zoneStats,
        '  pagesets',
        ...state.pcp[index].flatMap((count, cpu) => [
          `    cpu: ${cpu}`,
          `              count: ${count}`,
          `              high:  ${high}`,
          `              batch: ${isNormal ? 63 : 1}`,
          `  vm stats threshold: ${isNormal ? 125 : 12}`,
        ]),
        '  node_unreclaimable:  0',
        `  start_pfn:           ${zone.zone === 'DMA' ? 1 : zone.zone === 'DMA32' ? 4096 : Math.round(1_048_576 * (1 + random()))}`,
      ].join('\n');
    })
    .join('\n')
    .concat('\n');
}

/** Free blocks by order; `large` is the share of free memory in the largest ones. */
export function buddyinfoText(host, state) {
  return state.zones
    .map((zone) => {
      const large = zone.zone === 'Normal' ? (host.nodes[zone.node].largeBlocks ?? host.largeBlocks ?? 0.6) : 0.99;
      const counts = Array.from({ length: 11 }, () => 0);
      let left = zone.free;
      counts[10] = Math.floor((zone.free * large) / 1024);
      left -= counts[10] * 1024;
      const random = randomOf(`${host.name} ${zone.node} ${zone.zone} ${state.at}`);
      for (let order = 9; order > 0; order -= 1) {
        counts[order] = Math.floor((left * (0.06 + 0.1 * random()) * (1 + (9 - order) / 9)) / 2 ** order);
        left -= counts[order] * 2 ** order;
      }
      counts[0] = left;
      return `Node ${zone.node}, zone ${zone.zone.padStart(8)} ${counts.map((count) => String(count).padStart(6)).join(' ')} \n`;
    })
    .join('');
}

export const swapsText = (host, state) =>
  `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${host.swap ? `${host.swap.device.padEnd(40)}partition\t${kb(swapTotal(host))}\t${kb(swapUsed(host, state))}\t-2\n` : ''}`;

/** /sys/devices/system/node/nodeN. */
export function nodeFiles(host, state) {
  const counters = countersOf(host, state);
  const each = host.cpus / state.nodes.length;
  const weights = state.nodes.map((node) => node.managed / state.managed);
  return state.nodes.flatMap((node, index) => {
    const dir = `sys/devices/system/node/node${index}`;
    const huge = host.hugePages ?? { total: 0, free: 0 };
    const gauges = gaugesOf(host, state, [node]);
    const rows = {
      MemTotal: node.managed,
      MemFree: node.free,
      MemUsed: node.managed - node.free,
      SwapCached: node.swapCached,
      Active: node.activeAnon + node.activeFile,
      Inactive: node.inactiveAnon + node.inactiveFile,
      'Active(anon)': node.activeAnon,
      'Inactive(anon)': node.inactiveAnon,
      'Active(file)': node.activeFile,
      'Inactive(file)': node.inactiveFile,
      Unevictable: node.locked,
      Mlocked: node.locked,
      Dirty: node.dirty,
      Writeback: node.writeback,
      FilePages: gauges.nr_file_pages,
      Mapped: gauges.nr_mapped,
      AnonPages: node.anon,
      Shmem: node.shmem,
      KernelStack: node.stacks,
      PageTables: node.pageTables,
      SecPageTables: 0,
      NFS_Unstable: 0,
      Bounce: 0,
      WritebackTmp: 0,
      KReclaimable: node.slabReclaimable,
      Slab: node.slabReclaimable + node.slabUnreclaimable,
      SReclaimable: node.slabReclaimable,
      SUnreclaim: node.slabUnreclaimable,
      AnonHugePages: node.thp,
      ShmemHugePages: 0,
      ShmemPmdMapped: 0,
      FileHugePages: 0,
      FilePmdMapped: 0,
    };
    const pools = { HugePages_Total: huge.total / state.nodes.length, HugePages_Free: huge.free / state.nodes.length, HugePages_Surp: 0 };
    const numa = numaOf(host, counters, index, weights);
    return [
      [
        `${dir}/meminfo`,
        [
          ...Object.entries(rows).map(([name, pages]) => `Node ${index} ${`${name}:`.padEnd(16)} ${String(kb(pages)).padStart(10)} kB`),
          ...Object.entries(pools).map(([name, count]) => `Node ${index} ${name}: ${String(count).padStart(5)}`),
          '',
        ].join('\n'),
      ],
      [
        `${dir}/numastat`,
        `${Object.entries(numa)
          .map(([name, count]) => `${name} ${count}`)
          .join('\n')}\n`,
      ],
      [
        `${dir}/vmstat`,
        `${VMSTAT.filter((name) => name in gauges)
          .map((name) => `${name} ${gauges[name]}`)
          .join('\n')}\n`,
      ],
      [`${dir}/cpulist`, `${index * each}-${(index + 1) * each - 1}\n`],
      [`${dir}/distance`, `${state.nodes.map((_, other) => (other === index ? 10 : 21)).join(' ')}\n`],
    ];
  });
}

/** A page that was meant for one node and came from another is a miss there and foreign here. */
function numaOf(host, counters, index, weights) {
  const part = (name) => Math.round(counters[name] * weights[index]);
  const foreigners = host.numaForeign ?? weights;
  const [foreign, miss] = [foreigners[index], foreigners.at(index - 1)];
  return {
    numa_hit: part('numa_hit'),
    numa_miss: Math.round(counters.numa_miss * miss),
    numa_foreign: Math.round(counters.numa_foreign * foreign),
    interleave_hit: part('numa_interleave'),
    local_node: part('numa_local'),
    other_node: part('numa_other'),
  };
}
