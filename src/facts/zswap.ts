import { defineFacts, Unknown } from './fact.js';
import { ofHostRam } from './host-share.js';
import type { View } from './view.js';

const ZSWAP = 'https://docs.kernel.org/admin-guide/mm/zswap.html';
const FLOOR = 16 << 20;

/** The compressed cache before the swap devices. */
export default defineFacts({
  'zswap.enabled': {
    title: 'Pages are compressed in memory before they go to swap',
    unit: 'boolean',
    formula: 'enabled of /sys/module/zswap/parameters is Y',
    validity: 'what it took while it was enabled stays in it',
    reference: ZSWAP,
    value: enabled,
  },
  'zswap.before_zram': {
    title: 'Pages are compressed twice: by zswap, and by the swap device',
    unit: 'boolean',
    formula: 'zswap is enabled, and a swap area is a zram device',
    reference: ZSWAP,
    value: (view) => enabled(view) && view.items('swap.devices').some((area) => area['is_zram'] === true),
  },
  'zswap.pool_bytes': {
    title: 'Memory that zswap holds',
    unit: 'bytes',
    formula: 'Zswap of /proc/meminfo; else pool_total_size of debugfs',
    validity: 'kernel 5.19 and later, or root with debugfs',
    reference: ZSWAP,
    value: (view) =>
      view.maybe(() => view.meminfo('Zswap')) ??
      view.maybe(() => counter(view, 'pool_total_size')) ??
      counter(view, 'pool_pages') * view.pageSize,
  },
  'zswap.stored_bytes': {
    title: 'Stored in zswap, before compression',
    unit: 'bytes',
    formula: 'Zswapped of /proc/meminfo; else page size × stored_pages of debugfs',
    validity: 'kernel 5.19 and later, or root with debugfs',
    reference: ZSWAP,
    value: (view) => view.maybe(() => view.meminfo('Zswapped')) ?? counter(view, 'stored_pages') * view.pageSize,
  },
  'zswap.ratio': {
    title: 'What zswap stores, against the memory it holds for it',
    unit: '1',
    formula: 'zswap.stored_bytes / zswap.pool_bytes',
    validity: 'from 16 MiB stored',
    value: (view) => {
      const stored = view.number('zswap.stored_bytes');
      if (stored < FLOOR) throw new Unknown('less than 16 MiB are stored in zswap: too little for a ratio');
      return stored / view.number('zswap.pool_bytes');
    },
  },
  'zswap.pool_pct': {
    title: 'Memory that the store of zswap takes, share of MemTotal',
    unit: '%',
    formula: '100 × zswap.pool_bytes / MemTotal',
    value: (view) => (100 * view.number('zswap.pool_bytes')) / view.meminfo('MemTotal'),
  },
  'zswap.pool_of_limit_pct': {
    title: 'Memory that zswap holds, against what it may hold',
    unit: '%',
    formula: '100 × zswap.pool_bytes / (MemTotal × max_pool_percent / 100)',
    reference: ZSWAP,
    value: (view) => {
      const limit = parameter(view, 'max_pool_percent');
      if (!/^\d{1,3}$/.test(limit)) throw new Unknown('max_pool_percent of zswap is no number');
      return (100 * ofHostRam(view, view.number('zswap.pool_bytes'))) / Number(limit);
    },
  },
  'zswap.wb_rate': {
    title: 'Pages that zswap writes to the swap device, per second',
    unit: 'pages/s',
    formula: 'Δ zswpwb / Δt; else Δ written_back_pages of debugfs / Δt',
    reference: ZSWAP,
    value: (view) => view.maybe(() => view.rate('zswpwb')) ?? rise(view, 'written_back_pages') / view.pair('zswap').seconds,
  },
  'zswap.limit_hits': {
    title: 'Times that the pool of zswap was full, in the sample',
    unit: 'count',
    formula: 'Δ pool_limit_hit of debugfs',
    reference: ZSWAP,
    value: (view) => rise(view, 'pool_limit_hit'),
  },
});

function parameter(view: View, name: string): string {
  const value = view.last('zswap').parameters[name];
  view.used(`/sys/module/zswap/parameters/${name}`);
  if (value === undefined) throw new Unknown(`there is no /sys/module/zswap/parameters/${name}`);
  return value;
}

function enabled(view: View): boolean {
  return /^[Yy1]/.test(parameter(view, 'enabled'));
}

function counter(view: View, name: string): number {
  const value = view.last('zswap').counters[name];
  view.used(`/sys/kernel/debug/zswap/${name}`);
  if (value === undefined) throw new Unknown(`/sys/kernel/debug/zswap/${name} was not read`);
  return value;
}

function rise(view: View, name: string): number {
  const { first, last } = view.pair('zswap');
  view.used(`/sys/kernel/debug/zswap/${name}`);
  const [before, after] = [first.counters[name], last.counters[name]];
  if (before === undefined || after === undefined) throw new Unknown(`/sys/kernel/debug/zswap/${name} was not read`);
  return Math.max(0, after - before);
}
