import { readLog, readLogStream } from '../kernel-log/read.js';
import { kernelLogSchema } from '../kernel-log/schema.js';
import { type Collected, defineSource } from '../source.js';
import { readable, readOne, type ReadResult, type Tree } from '../tree.js';

const FILE = 'kernel-log.txt';
const LIMITS = { maxBytes: 16 * 1024 * 1024, deadlineMs: 3000 };

/** The kernel log: what it says happened to memory. It is lossy (a ring that is overwritten): counters outrank it. */
export default defineSource({
  title: 'kernel log',
  docs: 'https://docs.kernel.org/admin-guide/sysctl/kernel.html#printk',
  reads: [FILE],
  cadence: 'last',
  limits: LIMITS,
  paste: 'sudo dmesg -T',
  schema: kernelLogSchema,
  collect: async (tree) => (await streamed(tree)) ?? held(tree),
});

type Found = Collected<ReturnType<typeof readLog>>;

/** A log of any size, one piece of it in memory at a time; null when the tree has none to give. */
async function streamed(tree: Tree): Promise<Found | null> {
  const pieces = (await tree.open?.(FILE)) ?? null;
  if (pieces === null) return null;
  const started = performance.now();
  const { log, bytes, fault } = await readLogStream(pieces);
  const result: ReadResult = { path: FILE, status: 'ok', text: '', bytes, seconds: (performance.now() - started) / 1000 };
  if (fault !== undefined) return { data: bytes === 0 ? null : log, reads: [{ ...result, status: 'failed', reason: fault }] };
  return log.lines === 0 ? { data: null, reads: [empty(result)] } : { data: log, reads: [result] };
}

async function held(tree: Tree): Promise<Found> {
  const result = await readOne(tree, FILE, LIMITS);
  if (!readable(result)) return { data: null, reads: [result] };
  return result.text.trim() === '' ? { data: null, reads: [empty(result)] } : { data: readLog(result.text), reads: [result] };
}

const empty = (result: ReadResult): ReadResult => ({ ...result, status: 'failed', reason: 'is empty' });
