import { ParseError, quote } from '../../errors.js';
import { row, seconds } from '../../json-schema.js';
import { unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

/** Time since boot. */
export default defineSource({
  title: '/proc/uptime',
  docs: 'https://man7.org/linux/man-pages/man5/proc_uptime.5.html',
  reads: ['proc/uptime'],
  cadence: 'full',
  schema: row({ uptime: seconds('since boot, time asleep included'), idle: seconds('in the idle task, all CPUs together') }),
  parse: (text) => {
    const [uptime, idle, ...rest] = words(text);
    if (rest.length > 0) throw new ParseError(`found ${quote(text.trim())}, expected two numbers`);
    return { uptime: unsigned(uptime, 'uptime'), idle: unsigned(idle, 'idle') };
  },
});
