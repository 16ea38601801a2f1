import { ParseError } from '../../errors.js';
import { parseStat, type ProcessStat } from '../processes/stat.js';
import { readable, type Tree } from '../tree.js';
import type { Setting } from './trace.js';

const BATCH = 200;

/** One file of each process, or of the one that is asked for, by pid; those that end meanwhile, or may not be read, are left out. */
export async function filesOf(tree: Tree, file: string, { pid }: Pick<Setting, 'pid'>): Promise<Map<number, string>> {
  const pids = pid === null ? (await tree.list('proc')).filter((name) => /^\d{1,10}$/.test(name)) : [String(pid)];
  const found = new Map<number, string>();
  for (let at = 0; at < pids.length; at += BATCH) {
    const batch = pids.slice(at, at + BATCH);
    const reads = await tree.read(batch.map((each) => `proc/${each}/${file}`));
    for (const [index, read] of reads.entries()) if (readable(read) && read.text !== '') found.set(Number(batch[index]), read.text);
  }
  return found;
}

/** /proc/PID/stat of each process, or of the one that is asked for. */
export async function statsOf(tree: Tree, setting: Pick<Setting, 'pid'>): Promise<Map<number, ProcessStat>> {
  const files = await filesOf(tree, 'stat', setting);
  return new Map(
    [...files].flatMap(([pid, text]): [number, ProcessStat][] => {
      try {
        return [[pid, parseStat(text)]];
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        return [];
      }
    }),
  );
}
