// The memory of a described host at a moment, in pages of 4 KiB: every page of every zone has one owner, so that all files agree.
import { randomOf, sum } from './numbers.mjs';
import { slabOf } from './slab.mjs';

export const GIB = 262_144;
export const MIB = 256;
const MOST_RESERVE = 262_144; // kB, since 5.9: init_per_zone_wmark_min() of mm/page_alloc.c
const BLOCK = 512; // pages in a page block with huge pages of 2 MiB
const SCALE = 10; // watermark_scale_factor, in 1/10000
const RATIOS = { DMA: 256, DMA32: 256, Normal: 32 }; // lowmem_reserve_ratio

/** Parts of a whole number by weights, with their sum kept. */
export function shared(total, weights) {
  const all = sum(weights) || 1;
  const parts = weights.map((weight) => Math.floor((total * weight) / all));
  parts[weights.indexOf(Math.max(...weights))] += Math.round(total) - sum(parts);
  return parts;
}

/** Zones with what the kernel manages in them: the map of pages (64 bytes each) and what is reserved at boot is taken off. */
export function zonesOf(host) {
  const random = randomOf(`${host.name} zones`);
  const zones = host.nodes.flatMap(({ ram }, node) => {
    const pages = ram * GIB;
    const low = node === 0 ? [zone(0, 'DMA', 4095, 3999, 3840), zone(0, 'DMA32', 1_044_480, 443_279, 426_895)] : [];
    const present = pages - sum(low.map((each) => each.present));
    const reserved = Math.round((host.reservedMiB ?? 90) * MIB * (node === 0 ? 4 : 1) * (0.9 + random() / 5));
    return [...low, zone(node, 'Normal', present, present, present - Math.ceil(present / 64) - reserved)];
  });
  const managed = sum(zones.map((each) => each.managed));
  const kernelsOwn = Math.min(Math.floor(Math.sqrt(managed * 4 * 16)), MOST_RESERVE);
  // set_recommended_min_free_kbytes() of mm/khugepaged.c: 2 blocks a zone, and 3 × 3 for the kinds of pages
  const min = Math.max(kernelsOwn, (BLOCK * zones.length * 11 * 4096) / 1024);
  for (const each of zones) {
    each.min = Math.floor((Math.floor(min / 4) * each.managed) / managed);
    const step = Math.max(each.min >> 2, Math.floor((each.managed * SCALE) / 10_000));
    each.low = each.min + step;
    each.high = each.min + 2 * step;
    const above = ['DMA', 'DMA32', 'Normal', 'Movable', 'Device'].map((name, index, names) => {
      const from = names.indexOf(each.zone);
      const between = zones.filter((one) => one.node === each.node && names.indexOf(one.zone) > from && names.indexOf(one.zone) <= index);
      return index <= from ? 0 : Math.floor(sum(between.map((one) => one.managed)) / RATIOS[each.zone]);
    });
    each.protection = above;
  }
  return { zones, managed, minFreeKb: min };
}

const zone = (node, name, spanned, present, managed) => ({ node, zone: name, spanned, present, managed });

/** Every process of the description, with sizes in pages at a moment; `at` is 0 for the last sample and below for those before. */
export function processesOf(host, at) {
  const random = randomOf(`${host.name} processes`);
  // the threads of the kernel are older
  let last = kernelThreadsOf(host).length + 300;
  const given = new Set(host.processes.map((group) => group.pid));
  const next = () => {
    do last += 1 + Math.floor(random() * 40);
    while (given.has(last));
    return last;
  };
  return host.processes.flatMap((group) =>
    Array.from({ length: group.count ?? 1 }, (_, index) => {
      const varied = group.count > 1 ? 0.65 + 0.7 * random() : 1;
      const pid = index === 0 && group.pid !== undefined ? group.pid : next();
      const of = (mib, grow = 0) => Math.max(0, Math.round(((mib ?? 0) * varied + grow * varied * at) * MIB));
      const one = {
        pid,
        name: group.name,
        command: (group.command ?? group.name).replaceAll('%', String(index + 1)),
        cgroup: group.cgroup ?? '/system.slice',
        uid: group.uid ?? 0,
        threads: group.threads ?? 1,
        nodes: group.nodes,
        mems: group.mems,
        policy: group.policy,
        anon: of(group.anon, group.growAnon),
        shmem: of(group.shmem, group.growShmem),
        swap: of(group.swap, group.growSwap),
        file: of(group.file ?? 6),
        sharers: group.count ?? 1,
        state: group.state ?? 'S',
        adjust: group.adjust ?? 0,
        locked: group.locked ?? 'unlimited',
        thp: group.thp ?? 0,
        start: Math.floor(host.uptime - (group.age ?? host.uptime - 40) * (group.count > 1 ? 0.3 + 0.7 * random() : 1)),
        fds: group.fds ?? 128,
        cpu: group.cpu ?? 0.01,
        majflt: (group.majflt ?? 0) * varied,
        addressSpace: group.addressSpace,
      };
      const mapped = one.anon + one.shmem + one.file + one.swap;
      // one page of entries maps 512 pages; sparse heaps, stacks and libraries take some more, and the upper levels a few
      one.tables = Math.ceil((mapped / 512) * 1.015) + 14 + 2 * Math.ceil(Math.sqrt(one.threads));
      one.data = Math.round((one.anon + one.swap) * 1.18) + 40 * one.threads + 300;
      one.vsize = one.data + Math.max(one.shmem, of(group.attached)) + one.file * 4 + 2048 * (one.threads - 1);
      return one;
    }),
  );
}

/** Threads of the kernel, which hold nothing but their stacks. */
export function kernelThreadsOf(host) {
  const nodes = host.nodes.map((_, node) => [`kswapd${node}`, `kcompactd${node}`]).flat();
  const each = ['cpuhp', 'migration', 'ksoftirqd', 'kworker', 'kworker'];
  const perCpu = Array.from({ length: host.cpus }, (_, cpu) => each.map((name) => `${name}/${cpu}`)).flat();
  const names = ['kthreadd', 'rcu_gp', 'rcu_par_gp', 'rcu_preempt', ...perCpu, 'kdevtmpfs', 'khungtaskd', 'oom_reaper', 'writeback'];
  return [...names, ...nodes, 'ksmd', 'khugepaged', 'kblockd', 'md', ...(host.kernelThreads ?? [])];
}

/** Where all memory is, by node, at a moment. Nodes with `free` keep that little, and the page cache has the rest; others the other way. */
export function stateOf(host, at) {
  const random = randomOf(`${host.name} state`);
  const layout = zonesOf(host);
  const evenly = host.nodes.map(() => 0.85 + 0.3 * random());
  const processes = processesOf(host, at);
  const kernelThreads = kernelThreadsOf(host);
  const slab = slabOf(host, processes, kernelThreads.length, at);
  const threads = sum(processes.map((one) => one.threads)) + kernelThreads.length;
  const shm = [...(host.segments ?? []), ...(host.tmpfs ?? [])].map((each) => ({
    ...each,
    pages: Math.round((each.mib + (each.grow ?? 0) * at) * MIB),
  }));
  const use = {
    anon: spread(processes, 'anon', evenly),
    shmem: spread(shm, 'pages', evenly),
    pageTables: spread(processes, 'tables', evenly),
    slabReclaimable: shared(slab.reclaimable, host.cacheNodes ?? evenly),
    slabUnreclaimable: shared(slab.unreclaimable, evenly),
    stacks: shared(threads * 4, evenly), // 16 KiB each
    percpu: shared(Math.round(host.cpus * (host.percpuMiB ?? 4.2) * MIB), evenly),
    vmalloc: shared(Math.round((host.vmallocMiB ?? 420) * MIB), evenly),
    hugetlb: shared(
      host.hugePages?.total ?? 0,
      host.nodes.map(() => 1),
    ).map((pages) => pages * 512),
    driver: shared(
      Math.round(((host.driverMiB ?? 17 + (layout.managed % 37)) + (host.driverGrow ?? 0) * at) * MIB),
      host.driverNodes ?? evenly,
    ),
  };
  const swapCached = shared(Math.round((host.swapCachedMiB ?? 0) * MIB), host.swapNodes ?? evenly);
  const moving = randomOf(`${host.name} ${at}`);
  const pcp = layout.zones.map((one) =>
    one.zone === 'Normal'
      ? Array.from({ length: host.cpus }, () => Math.floor(moving() * 220))
      : Array.from({ length: host.cpus }, () => 0),
  );
  const nodes = host.nodes.map((described, node) => {
    const zones = layout.zones.filter((one) => one.node === node);
    const normal = zones.at(-1);
    for (const one of zones) if (one !== normal) one.free = one.zone === 'DMA' ? 2816 : one.managed - 3200 - Math.floor(random() * 900);
    const lists = sum(layout.zones.flatMap((one, index) => (one.node === node ? pcp[index] : [])));
    const taken = sum(Object.values(use).map((by) => by[node])) + lists;
    const lowUsed = sum(zones.map((one) => (one === normal ? 0 : one.managed - one.free)));
    const left = normal.managed - (taken - lowUsed);
    if (described.free === undefined) {
      const file = Math.round(((described.cache ?? 4) * 1024 + (described.cacheGrow ?? 0) * at) * MIB);
      normal.free = left - file;
      return nodeOf(host, node, { zones, use, file, swapCached: swapCached[node], random: moving, lists });
    }
    normal.free = Math.round(normal.low + (normal.high - normal.low) * (described.free + (moving() - 0.5) * 0.06));
    return nodeOf(host, node, { zones, use, file: left - normal.free, swapCached: swapCached[node], random: moving, lists });
  });
  const short = nodes.find((node) => node.free < 0 || node.cache < 0 || node.zones.some((one) => one.free < 0));
  if (short) throw new Error(`${host.name}: more memory is described than node ${short.node} has: ${JSON.stringify(short)}`);
  return { ...layout, nodes, processes, kernelThreads, slab, shm, threads, pcp, at };
}

function spread(list, key, evenly) {
  const parts = list.map((one) => shared(one[key], one.nodes ?? evenly));
  return evenly.map((_, node) => sum(parts.map((part) => part[node])));
}

function nodeOf(host, node, { zones, use, file, swapCached, random, lists }) {
  const of = Object.fromEntries(Object.entries(use).map(([name, by]) => [name, by[node]]));
  const dirty = Math.min(Math.round((host.dirtyMiB ?? 12) * MIB * (0.8 + random() * 0.4)), file >> 3);
  const locked = Math.round((host.lockedMiB ?? 18) * MIB * (node === 0 ? 1 : 0.2));
  const anonLists = of.anon + of.shmem - locked;
  const activeAnon = Math.round(anonLists * (host.activeAnon ?? 0.62));
  const activeFile = Math.round(file * (host.activeFile ?? 0.38));
  return {
    node,
    zones,
    ...of,
    cache: file,
    swapCached,
    pcp: lists,
    free: sum(zones.map((one) => one.free)),
    managed: sum(zones.map((one) => one.managed)),
    activeAnon,
    inactiveAnon: anonLists - activeAnon,
    activeFile,
    inactiveFile: file - activeFile,
    locked,
    dirty,
    writeback: Math.round(dirty * (host.writeback ?? 0.02)),
    buffers: Math.round(file * (host.buffers ?? 0.004)),
    thp: Math.floor((of.anon * (host.thp ?? 0.2)) / 512) * 512,
  };
}
