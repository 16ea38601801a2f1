import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import { ofHostRam } from './host-share.js';
import type { View } from './view.js';

const ZRAM = 'https://docs.kernel.org/admin-guide/blockdev/zram.html';
/** With less stored, what the pool itself needs decides the ratio. */
const FLOOR = 16 << 20;
const ALL = 'of all zram devices, used as swap or not';

/** Compressed devices in memory: what they hold, and what they cost. */
export default defineFacts({
  'zram.original_bytes': {
    title: 'Stored in zram, before compression',
    unit: 'bytes',
    formula: 'Σ orig_data_size of /sys/block/zram*/mm_stat',
    validity: ALL,
    reference: ZRAM,
    value: (view) => sum(view, ({ original }) => original),
  },
  'zram.used_bytes': {
    title: 'Memory that zram holds',
    unit: 'bytes',
    formula: 'Σ mem_used_total of /sys/block/zram*/mm_stat',
    validity: `${ALL}; no line of /proc/meminfo has it`,
    reference: ZRAM,
    value: (view) => sum(view, ({ used }) => used),
  },
  'zram.used_pct': {
    title: 'Memory that zram holds, share of MemTotal',
    unit: '%',
    formula: '100 × zram.used_bytes / MemTotal',
    value: (view) => ofHostRam(view, view.number('zram.used_bytes')),
  },
  'zram.ratio': {
    title: 'What zram stores, against the memory it holds for it',
    unit: '1',
    formula: 'zram.original_bytes / zram.used_bytes',
    validity: 'from 16 MiB stored',
    reference: ZRAM,
    value: (view) => stored(view) / view.number('zram.used_bytes'),
  },
  'zram.incompressible_pct': {
    title: 'Stored in zram as it is, as it does not compress',
    unit: '%',
    formula: '100 × page size × Σ huge_pages / zram.original_bytes',
    validity: 'from 16 MiB stored; kernel 4.18 and later',
    reference: ZRAM,
    value: (view) => {
      const pages = sum(view, ({ hugePages }) => {
        if (hugePages === undefined) throw new Unknown('mm_stat of zram has no huge_pages');
        return hugePages;
      });
      return (100 * view.pageSize * pages) / stored(view);
    },
  },
  'zram.failed_writes': {
    title: 'Writes to zram that failed, in the sample',
    unit: 'count',
    formula: 'Δ Σ failed_writes of /sys/block/zram*/io_stat',
    validity: 'for want of memory, or at mem_limit',
    reference: ZRAM,
    value: (view) => {
      const { first, last } = view.pair('zram');
      view.used('/sys/block/zram*/io_stat');
      return Math.max(0, failed(last) - failed(first));
    },
  },
});

const failed = (devices: SourceData<'zram'>): number => devices.reduce((all, { failedWrites = 0 }) => all + failedWrites, 0);

type Device = SourceData<'zram'>[number];

function sum(view: View, of: (device: Device) => number): number {
  const devices = view.last('zram');
  view.used('/sys/block/zram*/mm_stat');
  return devices.reduce((all, device) => all + of(device), 0);
}

function stored(view: View): number {
  const bytes = view.number('zram.original_bytes');
  if (bytes < FLOOR) throw new Unknown('less than 16 MiB are stored in zram: too little for a ratio');
  return bytes;
}
