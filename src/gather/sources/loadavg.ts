import { ParseError, quote } from '../../errors.js';
import { count, row } from '../../json-schema.js';
import { unsigned } from '../lines.js';
import { defineSource } from '../source.js';

/** Load averages: tasks that run, wait for a CPU, or sleep uninterruptibly. */
export default defineSource({
  title: '/proc/loadavg',
  docs: 'https://man7.org/linux/man-pages/man5/proc_loadavg.5.html',
  reads: ['proc/loadavg'],
  cadence: 'full',
  schema: row({
    load1: count('over 1 minute'),
    load5: count('over 5 minutes'),
    load15: count('over 15 minutes'),
    running: count('runnable tasks of the moment'),
    total: count('tasks, threads counted singly'),
  }),
  parse: (text) => {
    const match = /^\s*(\S+)\s+(\S+)\s+(\S+)\s+(\d+)\/(\d+)\s+\d+\s*$/.exec(text);
    if (!match) throw new ParseError(`found ${quote(text.trim())}, expected "0.00 0.00 0.00 1/100 1000"`);
    return {
      load1: unsigned(match[1], 'load1'),
      load5: unsigned(match[2], 'load5'),
      load15: unsigned(match[3], 'load15'),
      running: unsigned(match[4], 'running'),
      total: unsigned(match[5], 'total'),
    };
  },
});
