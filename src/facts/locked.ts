import { defineFacts, type Entity, Unknown } from './fact.js';

/** Memory that processes have locked with mlock(): neither reclaim nor swap may touch it. */
export default defineFacts({
  'mem.locked_bytes': {
    title: 'Locked memory',
    unit: 'bytes',
    formula: 'Mlocked',
    validity: 'pages that are there; a page that several processes lock counts once; pages pinned for devices are not in it',
    reference: 'https://man7.org/linux/man-pages/man5/proc_meminfo.5.html',
    value: (view) => view.meminfo('Mlocked'),
  },
  'mem.locked_pct': {
    title: 'Locked memory, share of MemTotal',
    unit: '%',
    formula: '100 × Mlocked / MemTotal',
    value: (view) => (100 * view.number('mem.locked_bytes')) / view.number('mem.total_bytes'),
  },
  'owner.locker': {
    title: 'Who has locked most memory: one process, or several of one name',
    unit: 'entity',
    formula: 'max VmLck; the processes of its name, when there are several and it has less than half of what they have together',
    validity: 'VmLck counts addresses, not pages: what was locked on fault and never touched is in it',
    value: (view): Entity => {
      view.used('/proc/PID/status VmLck');
      const { top } = view.last('processes');
      const [first] = top.toSorted((a, b) => b.locked - a.locked);
      if (!first || first.locked === 0) throw new Unknown('none of the largest processes has locked memory');
      const { name, pid, locked } = first;
      const together = top.filter((process) => process.name === name).reduce((sum, process) => sum + process.locked, 0);
      return locked < together / 2 ? { kind: 'process-group', name, bytes: together } : { kind: 'process', name, pid, bytes: locked };
    },
  },
});
