import { defineFacts } from './fact.js';
import type { View } from './view.js';

const MINUTE = 60;
const HOUR = 3600;

/** Rates and sizes against the size of the host. */
export default defineFacts({
  'swap.of_ram_pct': {
    title: 'Swap, against MemTotal',
    unit: '%',
    formula: '100 × SwapTotal / MemTotal',
    value: (view) => ofRam(view, view.number('swap.total_bytes')),
  },
  'swap.out_ram_pct_per_minute': {
    title: 'Swapped out, share of MemTotal per minute',
    unit: '%',
    formula: '100 × 60 × swap.out_bytes_per_second / MemTotal',
    value: (view) => ofRam(view, MINUTE * view.number('swap.out_bytes_per_second')),
  },
  'swap.ra_pages': {
    title: 'Pages read ahead from swap in the sample',
    unit: 'pages',
    formula: 'Δ swap_ra',
    value: (view) => view.delta('swap_ra'),
  },
  'reclaim.kswapd_scan_ram_pct_per_minute': {
    title: 'Scanned by kswapd, share of MemTotal per minute',
    unit: '%',
    formula: '100 × 60 × page size × reclaim.kswapd_scan_rate / MemTotal',
    value: (view) => ofRam(view, MINUTE * view.pageSize * view.number('reclaim.kswapd_scan_rate')),
  },
  'reclaim.drop_caches_per_hour': {
    title: 'Caches dropped by hand, per hour since boot',
    unit: 'count',
    formula: 'reclaim.drop_caches_boot / (uptime / 3600)',
    value: (view) => (HOUR * view.number('reclaim.drop_caches_boot')) / view.number('sample.uptime'),
  },
});

const ofRam = (view: View, bytes: number): number => (100 * bytes) / view.number('mem.total_bytes');
