import type { Snapshot } from '../../gather/snapshot.js';
import { memoryUse } from './free.js';
import { fixed, less, scaled, share, sum } from './numbers.js';
import { byResident, ofHowMany } from './resident.js';
import { defineTool, lastOf, MOST_ROWS, NONE, notGathered } from './tool.js';

/** Columns of top by memory that the snapshot holds. Formats: procps top.c. */
export default defineTool({
  place: 70,
  command: 'top -b -n 1 -o %MEM',
  title: 'processes by memory',
  table: (snapshot) => {
    const processes = lastOf(snapshot, 'processes');
    if (!processes) return notGathered(snapshot, 'processes', 'top -b -n 1 -o %MEM');
    const total = lastOf(snapshot, 'meminfo')?.['MemTotal'];
    return {
      lines: summary(snapshot),
      columns: ['PID', 'VIRT', 'RES', 'SHR', 'S', '%MEM', 'COMMAND'],
      rows: byResident(processes)
        .slice(0, MOST_ROWS)
        .map(({ pid, vsize, rss, file, shmem, state, name }) => [
          String(pid),
          scaled(vsize, 7),
          scaled(rss, 6),
          scaled(file + shmem, 6),
          state,
          total === undefined ? NONE : fixed(share(rss, total) ?? 0, 1),
          name,
        ]),
      notes: [ofHowMany(processes), 'USER, PR, NI, %CPU and TIME+ are not gathered.'],
    };
  },
});

function summary(snapshot: Snapshot): string[] {
  const load = lastOf(snapshot, 'loadavg');
  const states = Object.entries(lastOf(snapshot, 'processes')?.states ?? {});
  const meminfo = lastOf(snapshot, 'meminfo');
  const many = (letters: string): number => states.reduce((all, [state, number]) => all + (letters.includes(state) ? number : 0), 0);
  const lines: string[] = [];
  if (load) lines.push(`top - load average: ${[load.load1, load.load5, load.load15].map((value) => value.toFixed(2)).join(', ')}`);
  const total = states.reduce((all, [, number]) => all + number, 0);
  if (total > 0)
    lines.push(`Tasks: ${total} total, ${many('R')} running, ${many('SDI')} sleeping, ${many('Tt')} stopped, ${many('Z')} zombie`);
  if (meminfo) {
    const { used, available } = memoryUse(meminfo);
    const cache = sum(meminfo['Buffers'], meminfo['Cached'], meminfo['SReclaimable'] ?? 0);
    const swap = less(meminfo['SwapTotal'], meminfo['SwapFree']);
    lines.push(
      `MiB Mem : ${mib(meminfo['MemTotal'])} total, ${mib(meminfo['MemFree'])} free, ${mib(used)} used, ${mib(cache)} buff/cache`,
      `MiB Swap: ${mib(meminfo['SwapTotal'])} total, ${mib(meminfo['SwapFree'])} free, ${mib(swap)} used. ${mib(available)} avail Mem`,
    );
  }
  return lines;
}

const mib = (bytes: number | null | undefined): string => (typeof bytes === 'number' ? fixed(bytes / 1024 / 1024, 1) : NONE);
