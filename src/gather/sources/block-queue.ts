import { boolean, map } from '../../json-schema.js';
import { parentDisk, swapDevices } from '../block-devices.js';
import { unsigned } from '../lines.js';
import { defineSource } from '../source.js';
import { readable, readOne } from '../tree.js';

const [BLOCK, SWAPS] = ['sys/block', 'proc/swaps'] as const;
const MOST = 64;

/** Whether the disks rotate, as they say. */
export default defineSource({
  title: '/sys/block/*/queue/rotational',
  docs: 'https://docs.kernel.org/admin-guide/abi-stable.html',
  reads: [`${BLOCK}/*/queue/rotational`, SWAPS],
  cadence: 'first',
  schema: map(boolean(), 'by name of the disk: those with swap first, at most 64; virtual disks often say what is not so'),
  collect: async (tree) => {
    const swaps = await readOne(tree, SWAPS);
    const wanted = new Set(swapDevices(readable(swaps) ? swaps.text : '').flatMap((name) => [name, parentDisk(name)]));
    const disks = (await tree.list(BLOCK)).filter((name) => wanted.has(name) || !/^(?:loop|ram|sr|fd)\d+$/.test(name));
    const chosen = disks.sort((a, b) => Number(wanted.has(b)) - Number(wanted.has(a))).slice(0, MOST);
    const reads = await tree.read(chosen.map((name) => `${BLOCK}/${name}/queue/rotational`));
    const found = reads.filter((read) => readable(read) && read.text.trim() !== '');
    if (found.length === 0) return { data: null, reads };
    const data = found.map((read): [string, boolean] => [read.path.split('/')[2] ?? '', unsigned(read.text.trim(), read.path) > 0]);
    return { data: Object.fromEntries(data), reads };
  },
});
