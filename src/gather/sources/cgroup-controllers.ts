import { ParseError, quote } from '../../errors.js';
import { boolean, count, list, row, text } from '../../json-schema.js';
import { lines, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

/** The controllers of cgroups and how many cgroups each has, with removed ones that the kernel still holds. */
export default defineSource({
  title: '/proc/cgroups',
  docs: 'https://man7.org/linux/man-pages/man7/cgroups.7.html',
  reads: ['proc/cgroups'],
  cadence: 'full',
  paste: 'cat /proc/cgroups',
  schema: list(
    row({
      name: text('memory, cpu, …'),
      hierarchy: count('of v1 that it is mounted in; 0: in none of v1, so in v2 or nowhere'),
      cgroups: count('in its hierarchy'),
      enabled: boolean(),
    }),
  ),
  parse: (body) =>
    lines(body)
      .filter((line) => line.trim() !== '' && !/^#|^subsys_name\s/.test(line.trim()))
      .map((line) => {
        const [name = '', hierarchy, cgroups, enabled] = words(line);
        const where = `controller ${quote(name)}`;
        if (enabled !== '0' && enabled !== '1') throw new ParseError(`found ${quote(line)}, expected a name and three numbers`);
        return { name, hierarchy: unsigned(hierarchy, where), cgroups: unsigned(cgroups, where), enabled: enabled === '1' };
      }),
});
