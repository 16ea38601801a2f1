/** What swap areas lie on. */
import { blockName, parentDisk } from '../gather/block-devices.js';
import type { SourceData } from '../gather/snapshot.js';
import type { View } from './view.js';

type Area = SourceData<'swaps'>[number];

/** The block device of an area, as /sys/block and /proc/diskstats name it; null when it cannot be told. */
export function deviceOf(view: View, { name, type }: Area): string | null {
  if (type === 'partition') return blockName(name);
  const mount = (view.maybe(() => view.last('mounts')) ?? [])
    .filter(({ mountpoint }) => name === mountpoint || name.startsWith(mountpoint === '/' ? '/' : `${mountpoint}/`))
    .reduce<SourceData<'mounts'>[number] | null>(
      (best, each) => (best && best.mountpoint.length > each.mountpoint.length ? best : each),
      null,
    );
  if (!mount) return null;
  view.used('/proc/self/mountinfo');
  const row = (view.maybe(() => view.last('diskstats')) ?? []).find(({ number }) => number === mount.device);
  if (row) return row.device;
  // a file system of several devices has a number that is none of theirs
  return mount.source?.startsWith('/dev/') === true && !mount.source.startsWith('/dev/mapper/') ? blockName(mount.source) : null;
}

/** Whether the disk says that it rotates; null when it was not read. */
export function rotates(view: View, device: string | null): boolean | null {
  const disks = view.maybe(() => view.last('block-queue'));
  if (!disks || device === null) return null;
  view.used('/sys/block/*/queue/rotational');
  return disks[device] ?? disks[parentDisk(device)] ?? null;
}

/** Share of the time, in %, in which the disk had requests under way; null when it was not read twice. */
export function busyPct(view: View, device: string | null): number | null {
  const pair = view.maybe(() => view.pair('diskstats'));
  if (!pair || device === null) return null;
  view.used('/proc/diskstats');
  const busy = (rows: SourceData<'diskstats'>): number | undefined =>
    (rows.find((row) => row.device === parentDisk(device)) ?? rows.find((row) => row.device === device))?.busy;
  const [before, after] = [busy(pair.first), busy(pair.last)];
  if (before === undefined || after === undefined || after < before) return null;
  // the counter moves in ticks: at full load it may run a little ahead
  return Math.min(100, (100 * (after - before)) / pair.seconds);
}
