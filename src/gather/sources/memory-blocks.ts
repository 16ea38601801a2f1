import { ParseError, quote } from '../../errors.js';
import { bytes, count, type Infer, row, text } from '../../json-schema.js';
import { firstLine } from '../files.js';
import { defineSource } from '../source.js';
import { readable, type Tree } from '../tree.js';

const ROOT = 'sys/devices/system/memory';
/** With more blocks than this their states are not read: a file each. */
const MOST = 4096;

const schema = row(
  { blockSize: bytes('memory goes on- and offline in blocks of it') },
  {
    autoOnline: text('what happens to hot-added memory: offline, online, online_kernel or online_movable'),
    blocks: count('present'),
    online: count('blocks in use; not there when there are more than 4096'),
    offline: count('blocks present and not in use'),
  },
);

/** Memory that can be plugged: what is there, and what of it is in use. */
export default defineSource({
  title: '/sys/devices/system/memory',
  docs: 'https://docs.kernel.org/admin-guide/mm/memory-hotplug.html',
  reads: [`${ROOT}/block_size_bytes`, `${ROOT}/auto_online_blocks`, `${ROOT}/memory*/state`],
  cadence: 'first',
  schema,
  collect: async (tree) => {
    const reads = await tree.read([`${ROOT}/block_size_bytes`, `${ROOT}/auto_online_blocks`]);
    const [size, auto] = reads.map((read) => (readable(read) ? firstLine(read.text) : ''));
    if (size === undefined || size === '') return { data: null, reads };
    if (!/^[0-9a-f]{1,12}$/.test(size)) throw new ParseError(`block_size_bytes: found ${quote(size)}, expected a hexadecimal number`);
    const { reads: more, ...blocks } = await readBlocks(tree);
    const data = { blockSize: Number.parseInt(size, 16), ...(auto ? { autoOnline: auto } : {}), ...blocks };
    return { data, reads: [...reads, ...more] };
  },
});

async function readBlocks(
  tree: Tree,
): Promise<Pick<Infer<typeof schema>, 'blocks' | 'online' | 'offline'> & { reads: Awaited<ReturnType<Tree['read']>> }> {
  const names = (await tree.list(ROOT)).filter((name) => /^memory\d{1,9}$/.test(name));
  if (names.length === 0) return { reads: [] };
  if (names.length > MOST) return { blocks: names.length, reads: [] };
  const reads = await tree.read(names.map((name) => `${ROOT}/${name}/state`));
  const states = reads.filter(readable).map((read) => firstLine(read.text));
  // "going-offline" still is in use
  const offline = states.filter((state) => state === 'offline').length;
  return { blocks: names.length, ...(states.length < names.length ? {} : { online: states.length - offline, offline }), reads };
}
