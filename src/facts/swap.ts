import { defineFacts, type Item, Unknown } from './fact.js';
import { swapTotal, swapUsed } from './sums.js';
import type { View } from './view.js';

/** How much swap there is, how full it is, how fast pages go in and out. */
export default defineFacts({
  'swap.configured': {
    title: 'There is swap',
    unit: 'boolean',
    formula: 'SwapTotal > 0',
    validity: 'a cgroup may still be denied it by memory.swap.max',
    value: (view) => swapTotal(view) > 0,
  },
  'swap.total_bytes': {
    title: 'SwapTotal',
    unit: 'bytes',
    formula: 'SwapTotal; where it was not shown Σ size of /proc/swaps',
    value: swapTotal,
  },
  'swap.used_bytes': {
    title: 'Swap in use',
    unit: 'bytes',
    formula: 'SwapTotal − SwapFree; where they were not shown Σ used of /proc/swaps',
    value: swapUsed,
  },
  'swap.used_pct': {
    title: 'Swap in use, share of SwapTotal',
    unit: '%',
    formula: '100 × (SwapTotal − SwapFree) / SwapTotal; where only the share was told, that',
    value: (view) => {
      const share = view.readings('meminfo').length > 0 ? undefined : view.readings('told').at(-1)?.data.swapUsed;
      if (share !== undefined && view.readings('swaps').length === 0) {
        view.used('told.txt swapUsed');
        return share;
      }
      if (swapTotal(view) === 0) throw new Unknown('there is no swap');
      return (100 * swapUsed(view)) / swapTotal(view);
    },
  },
  'swap.in_rate': {
    title: 'Pages swapped in, per second',
    unit: 'pages/s',
    formula: 'Δ pswpin / Δt',
    validity: 'zram counts, pages that zswap had do not',
    value: (view) => view.rate('pswpin'),
  },
  'swap.out_rate': {
    title: 'Pages swapped out, per second',
    unit: 'pages/s',
    formula: 'Δ pswpout / Δt',
    validity: 'zram counts, pages that zswap took do not',
    value: (view) => view.rate('pswpout'),
  },
  'swap.in_bytes_per_second': {
    title: 'Swapped in, per second',
    unit: 'bytes/s',
    formula: 'page size × Δ pswpin / Δt',
    value: (view) => view.pageSize * view.rate('pswpin'),
  },
  'swap.out_bytes_per_second': {
    title: 'Swapped out, per second',
    unit: 'bytes/s',
    formula: 'page size × Δ pswpout / Δt',
    value: (view) => view.pageSize * view.rate('pswpout'),
  },
  'swap.cached_share': {
    title: 'Share of used swap that is in memory as well',
    unit: '1',
    formula: 'SwapCached / (SwapTotal − SwapFree)',
    value: (view) => {
      const used = swapUsed(view);
      if (used === 0) throw new Unknown('no swap is in use');
      return view.meminfo('SwapCached') / used;
    },
  },
  'swap.ra_hit_pct': {
    title: 'Swap readahead that was of use',
    unit: '%',
    formula: '100 × Δ swap_ra_hit / Δ swap_ra',
    validity: 'at least 256 pages read ahead',
    value: (view) => {
      const read = view.delta('swap_ra');
      if (read < 256) throw new Unknown(`only ${read} pages were read ahead in the sample: too few for a ratio`);
      return (100 * view.delta('swap_ra_hit')) / read;
    },
  },
  'swap.is_ram': {
    title: 'All swap in use is compressed memory (zram)',
    unit: 'boolean',
    formula: 'every area of /proc/swaps that is used (or every one, when none is) is a zram device',
    value: (view) => inUse(view).every((area) => area['is_zram'] === true),
  },
  'swap.rotational': {
    title: 'Swap in use lies on a rotating disk',
    unit: 'boolean',
    formula: '/sys/block/*/queue/rotational of the device of a used area',
    validity: 'as the disk says: virtual disks often say what is not so',
    value: (view) => {
      const areas = inUse(view);
      if (areas.some((area) => area['rotational'] === true)) return true;
      const open = areas.find((area) => area['rotational'] === null);
      if (open) throw new Unknown(`whether ${open.name} rotates was not read (/sys/block/*/queue/rotational)`);
      return false;
    },
  },
  'swap.busy_pct': {
    title: 'Share of the time in which the disk of swap in use had requests under way',
    unit: '%',
    formula: 'max over used areas of 100 × Δ time spent doing I/O of /proc/diskstats / Δt',
    validity: 'of all requests to that disk, not those of swap alone; a disk that serves many at once is not full at 100 %',
    reference: 'https://docs.kernel.org/admin-guide/iostats.html',
    value: (view) => {
      const shares = inUse(view).flatMap((area) => (typeof area['busy_pct'] === 'number' ? [area['busy_pct']] : []));
      if (shares.length === 0) throw new Unknown('how busy the disk is was not read (/proc/diskstats)');
      return Math.max(...shares);
    },
  },
  'swap.prio_inverted': {
    title: 'A slow swap area is filled before a fast one',
    unit: 'boolean',
    formula: 'of two areas in use, the slower has the same or a higher priority; zram is fastest, rotating disks are slowest',
    validity: 'tells zram, other disks and rotating disks apart, no more; disks whose kind is unknown count as not rotating',
    value: (view) => {
      const used = view.items('swap.devices').filter((area) => Number(area['used_bytes']) > 0);
      return used.some((slow) =>
        used.some((fast) => slowness(slow) > slowness(fast) && Number(slow['priority']) >= Number(fast['priority'])),
      );
    },
  },
});

const slowness = (area: Item): number => (area['is_zram'] === true ? 0 : area['rotational'] === true ? 2 : 1);

function inUse(view: View) {
  const areas = view.items('swap.devices');
  if (areas.length === 0) throw new Unknown('there is no swap');
  const used = areas.filter((area) => Number(area['used_bytes']) > 0);
  return used.length > 0 ? used : areas;
}
