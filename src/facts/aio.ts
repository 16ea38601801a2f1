import { defineFacts, type Entity, Unknown } from './fact.js';
import type { View } from './view.js';

const AIO = 'https://docs.kernel.org/admin-guide/sysctl/fs.html#aio-nr-aio-max-nr';

/** Of a ring per event that was asked for: a ring has room for twice as many, each of 32 bytes (ioctx_alloc(), struct io_event of fs/aio.c). */
const BYTES_PER_EVENT = 64;
/** Of MemTotal: with less the rings are of no account. */
const LARGE = 0.05;
/** What a process maps beside its data fits the rings when it is between these shares of them. */
const FITS = { least: 0.5, most: 1.5 };

/** Rings of asynchronous I/O (io_setup): pages that count as file cache, are mapped by a process and cannot be dropped. */
export default defineFacts({
  'aio.large_bytes': {
    title: 'Rings of asynchronous I/O, where they are large',
    unit: 'bytes',
    formula: '64 bytes × fs.aio-nr; 0 below 5 % of MemTotal',
    validity: 'a minimum: each ring is whole pages; they count as file cache and as available, and are neither',
    reference: AIO,
    value: large,
  },
  'aio.large_pct': {
    title: 'Rings of asynchronous I/O, where they are large, share of MemTotal',
    unit: '%',
    formula: '100 × aio.large_bytes / MemTotal',
    reference: AIO,
    value: (view) => (100 * large(view)) / view.meminfo('MemTotal'),
  },
  'owner.aio': {
    title: 'The process that can have made these rings',
    unit: 'entity',
    formula: 'max VmSize − VmData, where that is 0.5 to 1.5 of aio.large_bytes',
    validity: 'of the largest processes; a ring is mapped, and no page of it is counted as RSS before it is looked at',
    value: (view): Entity => {
      const rings = large(view);
      if (rings === 0) throw new Unknown('the rings of asynchronous I/O are small');
      view.used('/proc/PID/status VmSize, VmData');
      const [first] = view
        .last('processes')
        .top.map(({ name, pid, vsize, data }) => ({ name, pid, mapped: data === undefined ? 0 : vsize - data }))
        .filter(({ mapped }) => mapped >= FITS.least * rings && mapped <= FITS.most * rings)
        .toSorted((a, b) => b.mapped - a.mapped);
      if (!first) throw new Unknown('no process maps as much as the rings of asynchronous I/O take');
      return { kind: 'process', name: first.name, pid: first.pid, bytes: first.mapped };
    },
  },
});

function large(view: View): number {
  const asked = view.last('fs-limits')['aio-nr'];
  view.used('/proc/sys/fs/aio-nr');
  if (asked === undefined || !/^\d{1,15}$/.test(asked)) throw new Unknown('/proc/sys/fs/aio-nr was not read');
  const bytes = BYTES_PER_EVENT * Number(asked);
  return bytes < LARGE * view.meminfo('MemTotal') ? 0 : bytes;
}
