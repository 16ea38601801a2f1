/** Names of block devices. Pure. */
import { lines, unescapeOctal } from './lines.js';

/** The names, without /dev/, of the devices in /proc/swaps; files are left out. `!` stands for a slash, as in /sys/block. */
export const swapDevices = (swaps: string): string[] =>
  lines(swaps).flatMap((line) => {
    // a container may see them without /dev
    const [, path] = /^\s*(?:\/dev)?\/(\S+)\s+partition\s/.exec(line) ?? [];
    return path === undefined ? [] : [blockName(unescapeOctal(path))];
  });

/** The name in /sys/block of a path below /dev. */
export const blockName = (path: string): string => path.replace(/^\/?(?:dev\/)?/, '').replaceAll('/', '!');

/** The disk that a partition is on: sda2 → sda, nvme0n1p3 → nvme0n1; a whole disk is its own. */
export function parentDisk(name: string): string {
  const [, numbered] = /^(.*\d)p\d+$/.exec(name) ?? [];
  if (numbered !== undefined) return numbered;
  const [, lettered] = /^((?:[hsv]|xv|ub)d[a-z]+|dasd[a-z]+)\d+$/.exec(name) ?? [];
  return lettered ?? name;
}
