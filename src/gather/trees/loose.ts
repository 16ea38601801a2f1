import { looksBinary } from '../text-input.js';
import { readable, type Tree } from '../tree.js';
import { keepLog } from './log-keeper.js';
import type { NamedText } from './text.js';

/** Bounds of a folder of loose files. */
const FILES = 1000;
const FILE_BYTES = 8_388_608;
const ALL_BYTES = 33_554_432;

/**
 * The texts in a folder without a known layout, in the order of their names, three levels deep. Binary files are passed over; of those
 * that are longer than 8 MiB what a kernel log would tell is kept.
 */
export async function looseTexts(tree: Tree): Promise<NamedText[]> {
  const texts: NamedText[] = [];
  let left = ALL_BYTES;
  async function walk(dir: string, depth: number): Promise<void> {
    for (const name of (await tree.list(dir)).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
      if (texts.length >= FILES || left <= 0) return;
      const path = dir === '' ? name : `${dir}/${name}`;
      const [result] = await tree.read([path], { maxBytes: Math.min(FILE_BYTES, left), deadlineMs: 10_000 });
      if (result === undefined || !readable(result)) {
        if (depth < 3) await walk(path, depth + 1);
        continue;
      }
      if (result.text.trim() === '' || looksBinary(Buffer.from(result.text.slice(0, 4096)))) continue;
      const pieces = result.status === 'truncated' ? ((await tree.open?.(path)) ?? null) : null;
      const text = pieces === null ? result.text : (await keepLog(pieces, FILE_BYTES)).toString('utf8');
      left -= text.length;
      texts.push({ name: path, text });
    }
  }
  await walk('', 0);
  return texts;
}
