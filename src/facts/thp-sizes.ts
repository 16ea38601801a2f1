import { defineFacts, Unknown } from './fact.js';
import { ofHostRam } from './host-share.js';
import type { View } from './view.js';

const TRANSHUGE = 'https://docs.kernel.org/admin-guide/mm/transhuge.html#monitoring-usage';

/** Transparent huge pages by size, and the thread that makes them. */
export default defineFacts({
  'thp.partially_mapped_bytes': {
    title: 'Huge pages of which a part was given back, and that were not split yet',
    unit: 'bytes',
    formula: 'Σ size × nr_anon_partially_mapped of transparent_hugepage/hugepages-*/stats',
    validity: 'kernel 6.12 and later; at most this much is held for nothing',
    reference: TRANSHUGE,
    value: partial,
  },
  'thp.partially_mapped_pct': {
    title: 'Huge pages of which a part was given back, share of MemTotal',
    unit: '%',
    formula: '100 × thp.partially_mapped_bytes / MemTotal',
    reference: TRANSHUGE,
    value: (view) => ofHostRam(view, partial(view)),
  },
  'thp.collapse_rate': {
    title: 'Huge pages that khugepaged made, per second',
    unit: '1/s',
    formula: 'Δ pages_collapsed / Δt',
    reference: TRANSHUGE,
    value: (view) => {
      const { first, last, seconds } = view.pair('khugepaged');
      view.used('/sys/kernel/mm/transparent_hugepage/khugepaged/pages_collapsed');
      const [before, after] = [first['pages_collapsed'], last['pages_collapsed']];
      if (before === undefined || after === undefined) throw new Unknown('there is no khugepaged/pages_collapsed');
      return Math.max(0, after - before) / seconds;
    },
  },
});

function partial(view: View): number {
  const sizes = view.last('thp-sizes').filter(({ stats }) => stats['nr_anon_partially_mapped'] !== undefined);
  view.used('/sys/kernel/mm/transparent_hugepage/hugepages-*/stats/nr_anon_partially_mapped');
  if (sizes.length === 0) throw new Unknown('this kernel does not count partially mapped huge pages');
  return sizes.reduce((sum, { size, stats }) => sum + size * (stats['nr_anon_partially_mapped'] ?? 0), 0);
}
