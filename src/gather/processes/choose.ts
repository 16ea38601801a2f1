import { ParseError } from '../../errors.js';
import type { Failures } from '../failures.js';
import { unsigned, words } from '../lines.js';
import { readable, readOne, type Tree } from '../tree.js';
import { parseStat } from './stat.js';

const BATCH = 200;

/** A process by its address space and what is resident, in pages. */
export interface Sized {
  readonly pid: number;
  readonly pages: number;
  readonly resident: number;
}

/** All processes that have memory of their own, by statm, which takes no lock; those that end meanwhile, or may not be read, are left out. */
export async function sizedProcesses(tree: Tree, failed: Failures): Promise<Sized[]> {
  const pids = (await tree.list('proc')).filter((name) => /^\d{1,10}$/.test(name));
  const found: Sized[] = [];
  for (let at = 0; at < pids.length; at += BATCH) {
    const batch = pids.slice(at, at + BATCH);
    const reads = await tree.read(
      batch.map((pid) => `proc/${pid}/statm`),
      { maxBytes: 16_384 },
    );
    for (const [index, read] of reads.entries()) {
      failed.note(read, 'proc/*/statm');
      if (!readable(read) || read.text.trim() === '') continue;
      try {
        const [pages, resident] = words(read.text);
        const sized = { pid: Number(batch[index]), pages: unsigned(pages, 'size'), resident: unsigned(resident, 'resident') };
        if (sized.pages > 0) found.push(sized);
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        failed.garbled(read, 'proc/*/statm', error.message);
      }
    }
  }
  return found;
}

/** The name of a process; empty when it cannot be read. */
export async function nameOf(tree: Tree, pid: number): Promise<string> {
  const read = await readOne(tree, `proc/${pid}/stat`, { maxBytes: 16_384 });
  try {
    return readable(read) ? parseStat(read.text).name : '';
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return '';
  }
}
