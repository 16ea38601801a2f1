import type { FactSet } from '../facts/fact.js';
import type { Snapshot } from '../gather/snapshot.js';
import { outer, rateBetween, rise } from './pairs.js';
import type { Report } from './report.js';

type Tables = Report['tables'];

const [SLABS, CGROUPS, ZONES] = [15, 30, 64];

/** The tables of a report; `top` is how many processes it shows. */
export const tablesOf = (snapshot: Snapshot, factSet: FactSet, top: number): Tables => ({
  processes: processRows(snapshot, top),
  slab: slabRows(snapshot),
  numa: numaRows(snapshot, factSet),
  cgroups: cgroupRows(snapshot),
  swaps: (outer(snapshot, 'swaps')?.last ?? []).map(({ name, type, size, used, priority }) => ({
    name,
    type,
    sizeBytes: size,
    usedBytes: used,
    priority,
  })),
  ...zonesOf(snapshot),
});

const zoneName = ({ node, zone }: { node: number; zone: string }): string => `Node ${node} ${zone}`;

/** The zones with memory: watermarks of one file, free lists of the other. */
function zonesOf(snapshot: Snapshot): Pick<Tables, 'zones'> {
  const [marks, lists] = [outer(snapshot, 'zoneinfo')?.last, outer(snapshot, 'buddyinfo')?.last];
  if (!marks && !lists) return {};
  const { pageSize } = snapshot.subject;
  const blocks = new Map((lists ?? []).map((zone) => [zoneName(zone), zone.free]));
  // zones that have lost all their memory are listed by one of the files only
  const named = marks?.filter(({ managed, present }) => (managed ?? present ?? 1) > 0) ?? lists ?? [];
  const sizes = new Map((marks ?? []).map((zone) => [zoneName(zone), zone]));
  return {
    zones: named.slice(0, ZONES).map((zone) => {
      const name = zoneName(zone);
      const [size, free] = [sizes.get(name), blocks.get(name)];
      const listed = free?.reduce((sum, number, order) => sum + number * pageSize * 2 ** order, 0);
      return {
        name,
        freeBytes: size?.free ?? listed ?? null,
        minBytes: size?.min ?? null,
        lowBytes: size?.low ?? null,
        highBytes: size?.high ?? null,
        managedBytes: size?.managed ?? null,
        freeBlocks: free === undefined ? null : [...free],
      };
    }),
  };
}

function processRows(snapshot: Snapshot, top: number): Tables['processes'] {
  const pair = outer(snapshot, 'processes');
  if (!pair) return [];
  // a pid that was given to another process between the samples has another start time
  const before = new Map((pair.first?.top ?? []).map((process) => [`${process.pid} ${process.startSeconds}`, process]));
  return pair.last.top.slice(0, top).map((process) => {
    const old = before.get(`${process.pid} ${process.startSeconds}`);
    return {
      pid: process.pid,
      name: process.name,
      command: process.command ?? null,
      cgroup: process.cgroup,
      anonBytes: process.anon,
      fileBytes: process.file,
      shmemBytes: process.shmem,
      swapBytes: process.swap,
      pssBytes: process.pss ?? null,
      growthBytesPerSecond: old && pair.seconds > 0 ? (process.anon + process.swap - old.anon - old.swap) / pair.seconds : null,
      majorFaultsPerSecond: rateBetween(old?.majflt, process.majflt, pair.seconds),
      threads: process.threads,
      oomScoreAdj: process.oomScoreAdj,
    };
  });
}

function slabRows(snapshot: Snapshot): Tables['slab'] {
  const pair = outer(snapshot, 'slabinfo');
  if (!pair) return [];
  const before = new Map((pair.first ?? []).map((cache) => [cache.name, cache.bytes]));
  return pair.last
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, SLABS)
    .map(({ name, bytes, objects, activeObjects }) => {
      const old = before.get(name);
      return {
        name,
        bytes,
        activePercent: objects > 0 ? (100 * activeObjects) / objects : null,
        growthBytes: old === undefined ? null : bytes - old,
      };
    });
}

function numaRows(snapshot: Snapshot, { items }: FactSet): Tables['numa'] {
  const pair = outer(snapshot, 'node');
  if (!pair) return [];
  const hugepageSize = outer(snapshot, 'meminfo')?.last['Hugepagesize'];
  const available = new Map((items['nodes']?.items ?? []).map((item) => [item['node'], item['avail_pct']]));
  return pair.last.map(({ node, meminfo, numastat }) => {
    const totalBytes = meminfo['MemTotal'] ?? 0;
    const share = available.get(node);
    const old = pair.first?.find((other) => other.node === node);
    return {
      node,
      totalBytes,
      freeBytes: meminfo['MemFree'] ?? 0,
      availableBytes: typeof share === 'number' ? (totalBytes * share) / 100 : null,
      missPerSecond: rateBetween(old?.numastat['numa_miss'], numastat['numa_miss'], pair.seconds),
      ...nodeParts(meminfo, hugepageSize),
    };
  });
}

/** What fills a node, as far as its meminfo says. */
function nodeParts(meminfo: Readonly<Record<string, number>>, hugepageSize: number | undefined) {
  // of the default size: a node's meminfo counts no other
  const pool = meminfo['HugePages_Total'];
  const parts = {
    anonBytes: meminfo['AnonPages'],
    fileBytes: sumOf(meminfo['Active(file)'], meminfo['Inactive(file)']),
    shmemBytes: meminfo['Shmem'],
    slabBytes: meminfo['Slab'] ?? sumOf(meminfo['SReclaimable'], meminfo['SUnreclaim']),
    hugetlbBytes: pool === undefined || hugepageSize === undefined ? undefined : pool * hugepageSize,
    pageTablesBytes: meminfo['PageTables'],
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as { [Part in keyof typeof parts]?: number };
}

const sumOf = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

function cgroupRows(snapshot: Snapshot): Tables['cgroups'] {
  const pair = outer(snapshot, 'cgroup');
  if (!pair) return [];
  const before = new Map((pair.first?.groups ?? []).map((group) => [group.path, group]));
  const rows = pair.last.groups.map((group) => {
    const old = before.get(group.path);
    const inactive = group.stat?.['inactive_file'];
    const stalled = rateBetween(old?.pressure?.some.total, group.pressure?.some.total, pair.seconds);
    return {
      name: group.path,
      currentBytes: group.current ?? null,
      limitBytes: group.effectiveMax ?? group.max ?? null,
      highBytes: group.high ?? null,
      workingSetBytes: group.current === undefined || inactive === undefined ? null : Math.max(0, group.current - inactive),
      highEvents: rise(old?.events?.['high'], group.events?.['high']),
      maxEvents: rise(old?.events?.['max'], group.events?.['max']),
      oomKills: group.events?.['oom_kill'] ?? null,
      psiSomePercent: stalled === null ? null : 100 * stalled,
    };
  });
  return rows.toSorted((a, b) => trouble(b) - trouble(a) || (b.currentBytes ?? 0) - (a.currentBytes ?? 0)).slice(0, CGROUPS);
}

/** Groups that met a limit, or lost a process, come before those that are merely large. */
const trouble = (row: Tables['cgroups'][number]): number =>
  (row.highEvents ?? 0) + (row.maxEvents ?? 0) > 0 ? 2 : (row.oomKills ?? 0) > 0 ? 1 : 0;
