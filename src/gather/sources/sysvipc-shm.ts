import { ParseError, quote } from '../../errors.js';
import { bytes, count, list, number, row, seconds } from '../../json-schema.js';
import { lines, numeral, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

/** System V shared memory segments of our IPC namespace; they outlive their creator. */
export default defineSource({
  title: '/proc/sysvipc/shm',
  docs: 'https://man7.org/linux/man-pages/man5/proc_sysvipc.5.html',
  reads: ['proc/sysvipc/shm'],
  cadence: 'full',
  paste: 'ipcs -m',
  schema: list(
    row(
      {
        key: number('0: private'),
        shmid: count(),
        size: bytes('asked for; not what is in memory'),
        creatorPid: count(),
        lastPid: count('that attached or detached'),
        attached: count('mappings'),
        uid: count('of the owner'),
        createdAt: seconds('since the epoch: created, or owner or mode changed'),
        detachedAt: seconds('since the epoch; 0: never'),
      },
      { rss: bytes('in memory (since 2.6.36)'), swap: bytes('in swap (since 2.6.36)') },
    ),
  ),
  parse: (text) => {
    const [head = '', ...rest] = lines(text).filter((line) => line.trim() !== '');
    const columns = words(head);
    if (!columns.includes('shmid')) throw new ParseError(`line 1: found ${quote(head)}, expected "key shmid perms size …"`);
    return rest.map((line, index) => parseSegment(columns, words(line), `segment ${index + 1}`));
  },
});

function parseSegment(columns: readonly string[], values: readonly string[], where: string) {
  if (values.length !== columns.length) throw new ParseError(`${where}: found ${values.length} columns, expected ${columns.length}`);
  const found = (name: string): string | undefined => values[columns.indexOf(name)];
  const field = (name: string): number => unsigned(found(name), `${where}: ${name}`);
  return {
    key: numeral(found('key'), `${where}: key`),
    shmid: field('shmid'),
    size: field('size'),
    creatorPid: field('cpid'),
    lastPid: field('lpid'),
    attached: field('nattch'),
    uid: field('uid'),
    createdAt: field('ctime'),
    detachedAt: field('dtime'),
    ...(columns.includes('rss') ? { rss: field('rss') } : {}),
    ...(columns.includes('swap') ? { swap: field('swap') } : {}),
  };
}
