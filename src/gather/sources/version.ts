import { ParseError, quote } from '../../errors.js';
import { row, text } from '../../json-schema.js';
import { defineSource } from '../source.js';

/** Which kernel runs. */
export default defineSource({
  title: '/proc/version',
  docs: 'https://man7.org/linux/man-pages/man5/proc_version.5.html',
  reads: ['proc/version'],
  cadence: 'first',
  schema: row({ release: text('as uname -r prints it'), text: text() }),
  parse: (text) => {
    const release = /^\s*Linux version (\S+)/.exec(text)?.[1];
    if (release === undefined) throw new ParseError(`found ${quote(text.trim())}, expected "Linux version …"`);
    return { release, text: text.trim() };
  },
});
