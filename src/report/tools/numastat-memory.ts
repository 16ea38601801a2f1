import type { SourceData } from '../../gather/snapshot.js';
import { shownNodes } from './nodes.js';
import { fixed, sum } from './numbers.js';
import { defineTool, lastOf, NONE, notGathered } from './tool.js';

/** In the order of numastat; what newer kernels tell follows in the kernel's order. */
const KNOWN =
  'MemTotal MemFree MemUsed HighTotal HighFree LowTotal LowFree Active Inactive Active(anon) Inactive(anon) Active(file) Inactive(file) Unevictable Mlocked Dirty Writeback FilePages Mapped AnonPages Shmem KernelStack PageTables NFS_Unstable Bounce WritebackTmp Slab SReclaimable SUnreclaim AnonHugePages ShmemHugePages ShmemPmdMapped HugePages_Total HugePages_Free HugePages_Surp KReclaimable'.split(
    ' ',
  );
const MOST = 60;

/** MB of 2^20 bytes with two digits; huge pages are counted by their size. */
export default defineTool({
  place: 110,
  command: 'numastat -m',
  title: 'memory by node (MB)',
  table: (snapshot) => {
    const all = (lastOf(snapshot, 'node') ?? []).filter(({ meminfo }) => Object.keys(meminfo).length > 0);
    if (all.length === 0) return notGathered(snapshot, 'node', 'numastat -m');
    const { shown, notes } = shownNodes(all);
    const there = [...new Set(all.flatMap(({ meminfo }) => Object.keys(meminfo)))];
    const names = [...KNOWN.filter((name) => there.includes(name)), ...there.filter((name) => !KNOWN.includes(name))].slice(0, MOST);
    const hugePage = lastOf(snapshot, 'meminfo')?.['Hugepagesize'];
    const size = ({ meminfo }: SourceData<'node'>[number], name: string): number | null => {
      const value = meminfo[name];
      if (value === undefined || !name.startsWith('HugePages_')) return value ?? null;
      return value === 0 ? 0 : hugePage === undefined ? null : value * hugePage;
    };
    return {
      columns: ['', ...shown.map(({ node }) => `Node ${node}`), 'Total'],
      rows: names.map((name) => [name, ...shown.map((node) => mb(size(node, name))), mb(sum(...all.map((node) => size(node, name))))]),
      notes,
    };
  },
});

const mb = (bytes: number | null): string => (bytes === null ? NONE : fixed(bytes / 1024 / 1024, 2));
