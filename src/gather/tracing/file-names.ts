import { failures } from '../failures.js';
import { sizedProcesses } from '../processes/choose.js';
import { readable, readOne, type Tree } from '../tree.js';
import { statsOf } from './processes.js';

/** Processes of which mappings and open files are looked at, and how long that may take. */
const MOST_PROCESSES = 60;
const MOST_FILES = 200;
const BUDGET_MS = 2500;
const LIMITS = { maxBytes: 4 << 20, deadlineMs: 1000 };
const MAPPED = /^[0-9a-f]{1,16}-[0-9a-f]{1,16} [r-][w-][x-][ps] [0-9a-f]{1,16} ([0-9a-f]{1,8}):([0-9a-f]{1,8}) (\d{1,20}) +(\/.*)$/gm;

/** A file as the kernel numbers it: `254:0` and its inode. */
export const fileKey = (device: string, inode: number): string => `${device} ${inode}`;

/** dev_t inside the kernel (include/linux/kdev_t.h): twelve bits and twenty. */
export const deviceOf = (number: number): string => `${Math.floor(number / 2 ** 20)}:${number % 2 ** 20}`;

/** The mounts of a process: by their number the device, by the device the shortest place. */
interface Mounts {
  readonly devices: ReadonlyMap<string, string>;
  readonly places: ReadonlyMap<string, string>;
}

export async function mountsOf(tree: Tree, pid: string): Promise<Mounts> {
  const { text } = await readOne(tree, `proc/${pid}/mountinfo`, LIMITS);
  const [devices, places] = [new Map<string, string>(), new Map<string, string>()];
  for (const line of text.split('\n')) {
    const [id = '', , device = '', root, place = ''] = line.split(' ');
    if (!/^\d+:\d+$/.test(device)) continue;
    devices.set(id, device);
    const known = places.get(device);
    if (root === '/' && (known === undefined || place.length < known.length)) places.set(device, place);
  }
  return { devices, places };
}

/**
 * Paths of files by device and inode, as far as a process has them mapped (/proc/PID/maps) or open (/proc/PID/fdinfo, which tells the
 * inode since 5.14). Looked at first: the processes of these names, then the largest. Never rejects.
 */
export async function fileNames(tree: Tree, wanted: ReadonlySet<string>, names: ReadonlySet<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const until = performance.now() + BUDGET_MS;
  const done = (): boolean => found.size >= wanted.size || performance.now() > until;
  const pids = await candidates(tree, names);
  for (const look of [mapped, opened])
    for (const pid of pids) {
      if (done()) return found;
      for (const [key, path] of await look(tree, pid)) if (wanted.has(key) && !found.has(key)) found.set(key, path);
    }
  return found;
}

async function candidates(tree: Tree, names: ReadonlySet<string>): Promise<number[]> {
  const stats = await statsOf(tree, { pid: null });
  const named = [...stats].filter(([, { name, kernelThread }]) => !kernelThread && names.has(name)).map(([pid]) => pid);
  const sized = await sizedProcesses(tree, failures('proc/*/statm'));
  const largest = sized.toSorted((a, b) => b.resident - a.resident).map(({ pid }) => pid);
  return [...new Set([...named.slice(0, MOST_PROCESSES / 2), ...largest])].slice(0, MOST_PROCESSES);
}

async function mapped(tree: Tree, pid: number): Promise<(readonly [string, string])[]> {
  const read = await readOne(tree, `proc/${pid}/maps`, LIMITS);
  if (!readable(read)) return [];
  return [...read.text.matchAll(MAPPED)].map(([, major = '', minor = '', inode, path = '']) => {
    const device = `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`;
    return [fileKey(device, Number(inode)), path] as const;
  });
}

async function opened(tree: Tree, pid: number): Promise<(readonly [string, string])[]> {
  const { text } = await readOne(tree, `proc/${pid}/fd.links`, LIMITS);
  const files = [...text.matchAll(/^(\d{1,10}) (\/.*)$/gm)].filter(([, , path = '']) => !path.startsWith('/dev/')).slice(0, MOST_FILES);
  if (files.length === 0) return [];
  const { devices } = await mountsOf(tree, String(pid));
  const infos = await tree.read(files.map(([, fd = '']) => `proc/${pid}/fdinfo/${fd}`));
  return infos.flatMap((info, index) => {
    const inode = /^ino:\s{1,8}(\d{1,20})$/m.exec(info.text)?.[1];
    const device = devices.get(/^mnt_id:\s{1,8}(\d{1,10})$/m.exec(info.text)?.[1] ?? '');
    return inode === undefined || device === undefined ? [] : [[fileKey(device, Number(inode)), files[index]?.[2] ?? ''] as const];
  });
}
