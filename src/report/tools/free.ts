import { kib, less, sum } from './numbers.js';
import { defineTool, lastOf, notGathered } from './tool.js';

/** KiB. Formulas: procps meminfo.c; used is what is not available since procps 4. */
export default defineTool({
  place: 50,
  command: 'free -w',
  title: 'memory and swap (KiB)',
  table: (snapshot) => {
    const meminfo = lastOf(snapshot, 'meminfo');
    if (!meminfo) return notGathered(snapshot, 'meminfo', 'free -w');
    const { used, available, older } = memoryUse(meminfo);
    return {
      columns: ['', 'total', 'used', 'free', 'shared', 'buffers', 'cache', 'available'],
      rows: [
        [
          'Mem:',
          ...[
            meminfo['MemTotal'],
            used,
            meminfo['MemFree'],
            meminfo['Shmem'],
            meminfo['Buffers'],
            sum(meminfo['Cached'], meminfo['SReclaimable'] ?? 0),
            available,
          ].map(kib),
        ],
        ['Swap:', ...[meminfo['SwapTotal'], less(meminfo['SwapTotal'], meminfo['SwapFree']), meminfo['SwapFree']].map(kib), '', '', '', ''],
      ],
      notes: [
        older
          ? 'This kernel does not tell MemAvailable: used is total − free − buffers − cache, as older procps has it.'
          : 'used is total − available (procps 4); procps 3 printed total − free − buffers − cache.',
        'shared is shared memory and tmpfs, not shared libraries.',
      ],
    };
  },
});

/** What procps takes for used and available; available is null when the kernel does not tell. */
export function memoryUse(meminfo: Readonly<Record<string, number>>): { used: number | null; available: number | null; older: boolean } {
  const [total, free, available] = [meminfo['MemTotal'], meminfo['MemFree'], meminfo['MemAvailable']];
  if (available === undefined) {
    const used = less(total, free, meminfo['Buffers'], meminfo['Cached'], meminfo['SReclaimable'] ?? 0);
    return { used, available: null, older: true };
  }
  // in a container the two may be of different hosts: procps falls back to free
  const usable = total !== undefined && available > total ? free : available;
  return { used: less(total, usable), available: usable ?? null, older: false };
}
