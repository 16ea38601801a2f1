import { kib, share, tenthsCut } from './numbers.js';
import { byResident, ofHowMany } from './resident.js';
import { defineTool, lastOf, MOST_ROWS, NONE, notGathered } from './tool.js';

/** KiB; %MEM is the share of MemTotal, cut to one digit and below 100. Formats: procps ps/output.c. */
export default defineTool({
  place: 60,
  command: 'ps -eo pid,rss,vsz,pmem,comm --sort=-rss',
  title: 'processes by resident memory (KiB)',
  table: (snapshot) => {
    const processes = lastOf(snapshot, 'processes');
    if (!processes) return notGathered(snapshot, 'processes', 'ps aux --sort=-rss');
    const total = lastOf(snapshot, 'meminfo')?.['MemTotal'];
    return {
      columns: ['PID', 'RSS', 'VSZ', '%MEM', 'COMMAND'],
      rows: byResident(processes)
        .slice(0, MOST_ROWS)
        .map(({ pid, rss, vsize, name }) => {
          const percent = total === undefined ? null : share(rss, total);
          return [String(pid), kib(rss), kib(vsize), percent === null ? NONE : tenthsCut(Math.min(99.9, percent)), name];
        }),
      notes: [ofHowMany(processes), 'RSS counts shared pages in every process that maps them; what is swapped out is not in it.'],
    };
  },
});
