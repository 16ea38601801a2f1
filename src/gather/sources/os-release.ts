import { ParseError } from '../../errors.js';
import { map, text } from '../../json-schema.js';
import { lines } from '../lines.js';
import { defineSource } from '../source.js';

/** Which distribution. */
export default defineSource({
  title: '/etc/os-release',
  docs: 'https://www.freedesktop.org/software/systemd/man/latest/os-release.html',
  reads: ['etc/os-release', 'usr/lib/os-release'],
  cadence: 'first',
  schema: map(text(), 'by name: NAME, ID, VERSION_ID, PRETTY_NAME …'),
  parse: (text) => {
    const fields = lines(text).flatMap((line): [string, string][] => {
      const match = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
      return match ? [[match[1] ?? '', unquote((match[2] ?? '').trim())]] : [];
    });
    if (fields.length === 0) throw new ParseError('no line NAME=value');
    return Object.fromEntries(fields);
  },
});

/** Undoes the shell's quoting. */
function unquote(value: string): string {
  if (/^'.*'$/.test(value)) return value.slice(1, -1);
  return (/^".*"$/.test(value) ? value.slice(1, -1) : value).replaceAll(/\\([\\"'$`])/g, '$1');
}
