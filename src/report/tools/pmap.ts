import { kib } from './numbers.js';
import { byResident } from './resident.js';
import { defineTool, lastOf, NONE, notGathered } from './tool.js';

/** The total of the process with the most resident memory: its mappings are not gathered, since reading them may block. */
export default defineTool({
  place: 80,
  command: 'pmap -x PID',
  title: 'address space of the largest process (KiB)',
  table: (snapshot) => {
    const processes = lastOf(snapshot, 'processes');
    const [largest] = processes ? byResident(processes) : [];
    if (!processes || !largest) return notGathered(snapshot, 'processes', 'pmap -x PID');
    const command = `pmap -x ${largest.pid}`;
    return {
      command,
      lines: [`${largest.pid}:   ${largest.command ?? largest.name}`],
      columns: ['', 'Kbytes', 'RSS', 'Dirty'],
      rows: [['total kB', kib(largest.vsize), kib(largest.rss), NONE]],
      notes: [
        `The mappings, and what of them is dirty, are not gathered: run \`${command}\`. Its total has 4 KiB more for the [vsyscall] page, where there is one.`,
      ],
    };
  },
});
