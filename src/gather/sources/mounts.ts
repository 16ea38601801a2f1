import { ParseError, quote } from '../../errors.js';
import { bytes, type Infer, list, row, text } from '../../json-schema.js';
import { lines, unescapeOctal, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

const mount = row(
  { device: text('major:minor; mounts of one file system share it'), mountpoint: text(), type: text() },
  { source: text('what is mounted'), size: bytes(), used: bytes(), available: bytes('to unprivileged users') },
);
type Mount = Infer<typeof mount>;

/** File systems whose files are memory. */
const IN_MEMORY = new Set(['tmpfs', 'ramfs', 'devtmpfs', 'hugetlbfs']);

/** Mounts of our mount namespace; sizes for those that live in memory, unless without a limit. */
export default defineSource({
  title: '/proc/self/mountinfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts',
  reads: ['proc/self/mountinfo', 'statfs.txt'],
  cadence: 'full',
  limits: { maxBytes: 4 << 20, deadlineMs: 2000 },
  paste: 'df -t tmpfs',
  schema: list(mount, 'in mount order: of two on one mountpoint the last is seen'),
  parseFiles: (files) => {
    const mountinfo = files.get('proc/self/mountinfo');
    if (mountinfo === undefined) throw new ParseError('no proc/self/mountinfo');
    const sizes = new Map(lines(files.get('statfs.txt') ?? '').map(parseStatfs));
    const mounts = lines(mountinfo)
      .filter((line) => line.trim() !== '')
      .map(parseMount);
    const seen = new Map(mounts.map((entry) => [entry.mountpoint, entry]));
    return mounts.map((entry) => (seen.get(entry.mountpoint) === entry ? { ...entry, ...sizes.get(sizeKey(entry)) } : entry));
  },
});

function parseMount(line: string, index: number): Mount {
  const match = /^\s*\d+ -?\d+ (\d+:\d+) \S+ (\S+) \S+(?: \S+)*? - (\S+) (\S*)(?: .*)?$/.exec(line);
  if (!match) throw new ParseError(`mountinfo line ${index + 1}: found ${quote(line)}, expected "22 25 0:20 / /proc rw - proc proc rw"`);
  const [, device = '', mountpoint = '', type = '', source = ''] = match;
  return { device, mountpoint: unescapeOctal(mountpoint), type: unescapeOctal(type), ...(source ? { source: unescapeOctal(source) } : {}) };
}

const sizeKey = ({ type, mountpoint }: Pick<Mount, 'type' | 'mountpoint'>): string => `${type} ${mountpoint}`;

/** One line of statfs.txt: device mountpoint type bsize blocks bfree bavail files ffree. */
function parseStatfs(line: string, index: number): [string, Pick<Mount, 'size' | 'used' | 'available'>] {
  const [, mountpoint = '', type = '', ...numbers] = words(line);
  const key = sizeKey({ type, mountpoint: unescapeOctal(mountpoint) });
  if (!IN_MEMORY.has(type)) return [key, {}];
  const [size = 0, blocks = 0, free = 0, available = 0] = numbers.slice(0, 4).map((word) => unsigned(word, `statfs.txt line ${index + 1}`));
  // ramfs always, tmpfs and hugetlbfs without a limit: statfs() tells nothing of what they hold
  if (blocks === 0 || free > blocks) return [key, {}];
  return [key, { size: size * blocks, used: size * (blocks - free), available: size * available }];
}
