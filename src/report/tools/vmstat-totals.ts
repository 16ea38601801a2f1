import type { Snapshot } from '../../gather/snapshot.js';
import { memoryUse } from './free.js';
import { kib, less, sum, whole } from './numbers.js';
import { defineTool, lastOf, NONE, notGathered } from './tool.js';

const ZONES = ['dma', 'dma32', 'high', 'movable', 'normal'];

/** Sums in KiB, ticks and events since boot. Labels: procps vmstat.c sum_format(). */
export default defineTool({
  place: 30,
  command: 'vmstat -s',
  title: 'totals since boot',
  table: (snapshot) => {
    const meminfo = lastOf(snapshot, 'meminfo');
    if (!meminfo && !lastOf(snapshot, 'vmstat')) return notGathered(snapshot, 'vmstat', 'vmstat -s');
    const lines = totals(snapshot);
    return {
      lines: lines.map(([value, label]) => `${value.padStart(13)} ${label}`),
      notes: [
        `“K swap cache” is the page cache with reclaimable slab, an old label of procps; the swap cache is ${kib(meminfo?.['SwapCached'])} K (SwapCached).`,
        ...(lines.some(([value]) => value === NONE) ? [`${NONE}: not in the snapshot.`] : []),
      ],
    };
  },
});

function totals(snapshot: Snapshot): [string, string][] {
  const meminfo = lastOf(snapshot, 'meminfo') ?? {};
  const vmstat = lastOf(snapshot, 'vmstat') ?? {};
  const stat = lastOf(snapshot, 'stat');
  const ticks = (seconds: number | undefined): string => whole(seconds === undefined ? null : seconds * snapshot.subject.clockTicks);
  const { user, nice, system, idle, iowait, irq, softirq, steal } = stat?.cpu ?? {};
  return [
    [kib(meminfo['MemTotal']), 'K total memory'],
    [kib(memoryUse(meminfo).used), 'K used memory'],
    [kib(meminfo['Active']), 'K active memory'],
    [kib(meminfo['Inactive']), 'K inactive memory'],
    [kib(meminfo['MemFree']), 'K free memory'],
    [kib(meminfo['Buffers']), 'K buffer memory'],
    [kib(sum(meminfo['Cached'], meminfo['SReclaimable'] ?? 0)), 'K swap cache'],
    [kib(meminfo['SwapTotal']), 'K total swap'],
    [kib(less(meminfo['SwapTotal'], meminfo['SwapFree'])), 'K used swap'],
    [kib(meminfo['SwapFree']), 'K free swap'],
    [ticks(user), 'non-nice user cpu ticks'],
    [ticks(nice), 'nice user cpu ticks'],
    [ticks(system), 'system cpu ticks'],
    [ticks(idle), 'idle cpu ticks'],
    [ticks(iowait), 'IO-wait cpu ticks'],
    [ticks(irq), 'IRQ cpu ticks'],
    [ticks(softirq), 'softirq cpu ticks'],
    [ticks(steal), 'stolen cpu ticks'],
    [ticks(stat?.guest), 'non-nice guest cpu ticks'],
    [ticks(stat?.guestNice), 'nice guest cpu ticks'],
    [whole(vmstat['pgpgin']), 'K paged in'],
    [whole(vmstat['pgpgout']), 'K paged out'],
    [whole(vmstat['pswpin']), 'pages swapped in'],
    [whole(vmstat['pswpout']), 'pages swapped out'],
    ...ZONES.flatMap((zone): [string, string][] => {
      const pages = vmstat[`pgalloc_${zone}`];
      return pages === undefined ? [] : [[whole(pages), `pages alloc in ${zone}`]];
    }),
    [whole(vmstat['pgfree']), 'pages free'],
    [whole(stat?.intr), 'interrupts'],
    [whole(stat?.ctxt), 'CPU context switches'],
    [whole(stat?.btime), 'boot time'],
    [whole(stat?.processes), 'forks'],
  ];
}
