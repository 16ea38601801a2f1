import { ParseError } from '../../errors.js';
import { count, map, row, seconds } from '../../json-schema.js';
import { lines, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

/** In the kernel's order; guest and guest_nice that follow are part of user and nice. */
const CPU_TIMES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];

/** CPU times and scheduler counters since boot. */
export default defineSource({
  title: '/proc/stat',
  docs: 'https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat',
  reads: ['proc/stat'],
  cadence: 'every',
  limits: { deadlineMs: 1000 },
  schema: row(
    {
      cpus: count('CPUs online'),
      btime: seconds('since the epoch: when the kernel was booted'),
      ctxt: count('context switches since boot'),
      processes: count('forks since boot'),
      cpu: map(seconds(), 'since boot, all CPUs together'),
    },
    {
      procsRunning: count('runnable tasks of the moment'),
      procsBlocked: count('tasks that wait for I/O at the moment'),
      intr: count('interrupts since boot'),
      guest: seconds('in guests, since boot; part of user'),
      guestNice: seconds('in guests of low priority, since boot; part of nice'),
    },
  ),
  parse: (text, { clockTicks }) => {
    const fields = new Map(lines(text).map((line) => [words(line)[0] ?? '', words(line).slice(1)]));
    const number = (name: string): number => unsigned(fields.get(name)?.[0], name);
    const times = fields.get('cpu');
    if (!times) throw new ParseError('no line "cpu"');
    const names = CPU_TIMES.slice(0, times.length);
    const [guest, guestNice] = times.slice(CPU_TIMES.length).map((time) => unsigned(time, 'cpu guest') / clockTicks);
    return {
      cpus: [...fields.keys()].filter((name) => /^cpu\d+$/.test(name)).length,
      btime: number('btime'),
      ctxt: number('ctxt'),
      processes: number('processes'),
      cpu: Object.fromEntries(names.map((name, index) => [name, unsigned(times[index], `cpu ${name}`) / clockTicks])),
      ...(fields.has('procs_running') ? { procsRunning: number('procs_running') } : {}),
      ...(fields.has('procs_blocked') ? { procsBlocked: number('procs_blocked') } : {}),
      ...(fields.has('intr') ? { intr: number('intr') } : {}),
      ...(guest === undefined ? {} : { guest }),
      ...(guestNice === undefined ? {} : { guestNice }),
    };
  },
});
