import { ParseError, quote } from '../../errors.js';
import { bytes, count, list, row } from '../../json-schema.js';
import { unsigned } from '../lines.js';
import { eachLine } from '../ranking.js';
import { defineSource } from '../source.js';

/** The keys that each user holds in the kernel, and how many it may. */
export default defineSource({
  title: '/proc/key-users',
  docs: 'https://docs.kernel.org/security/keys/core.html',
  reads: ['proc/key-users'],
  cadence: 'full',
  schema: list(
    row({
      uid: count(),
      keys: count('all of them'),
      quotaKeys: count('that count against the limit'),
      maxKeys: count(),
      bytes: bytes('that count against the limit'),
      maxBytes: bytes(),
    }),
    'as the kernel lists them',
  ),
  parse: (text) =>
    [...eachLine(text)].flatMap(({ line, number, whole }) => {
      const match = /^\s*(\d+):\s+\d+\s+(\d+)\/\d+\s+(\d+)\/(\d+)\s+(\d+)\/(\d+)$/.exec(line);
      if (!match) {
        if (!whole) return [];
        throw new ParseError(`line ${number}: found ${quote(line)}, expected "uid: usage keys/instantiated count/limit bytes/limit"`);
      }
      const [uid = 0, keys = 0, quotaKeys = 0, maxKeys = 0, bytes = 0, maxBytes = 0] = match
        .slice(1)
        .map((word) => unsigned(word, `line ${number}`));
      return [{ uid, keys, quotaKeys, maxKeys, bytes, maxBytes }];
    }),
});
