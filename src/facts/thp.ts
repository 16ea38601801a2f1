import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const TRANSHUGE = 'https://docs.kernel.org/admin-guide/mm/transhuge.html';
/** Fewer attempts make no share. */
const ATTEMPTS = 50;

/** Transparent huge pages: how they are set, and whether they are got. */
export default defineFacts({
  'thp.enabled': {
    title: 'Transparent huge pages',
    unit: 'text',
    formula: 'bracketed word of transparent_hugepage/enabled',
    reference: TRANSHUGE,
    value: (view) => {
      view.used('/sys/kernel/mm/transparent_hugepage/enabled');
      return view.last('transparent-hugepage').enabled;
    },
  },
  'thp.defrag': {
    title: 'What a page fault does for a huge page',
    unit: 'text',
    formula: 'bracketed word of transparent_hugepage/defrag',
    validity: 'with always, madvise and defer+madvise page faults may compact memory by themselves',
    reference: TRANSHUGE,
    value: (view) => {
      view.used('/sys/kernel/mm/transparent_hugepage/defrag');
      const { defrag } = view.last('transparent-hugepage');
      if (defrag === undefined) throw new Unknown('there is no transparent_hugepage/defrag');
      return defrag;
    },
  },
  'thp.attempts': {
    title: 'Page faults that asked for a huge page, in the sample',
    unit: 'count',
    formula: 'Δ thp_fault_alloc + Δ thp_fault_fallback − Δ thp_fault_fallback_charge',
    reference: TRANSHUGE,
    value: (view) => view.delta('thp_fault_alloc') + fallbacks(view),
  },
  'thp.fallback_pct': {
    title: 'Page faults that asked for a huge page and got small ones',
    unit: '%',
    formula: '100 × (Δ thp_fault_fallback − Δ thp_fault_fallback_charge) / thp.attempts',
    validity: 'at least 50 attempts in the sample; fallbacks at a cgroup limit are not counted',
    reference: TRANSHUGE,
    value: (view) => {
      const attempts = view.number('thp.attempts');
      if (attempts < ATTEMPTS) throw new Unknown(`only ${attempts} page faults asked for a huge page: a share needs ${ATTEMPTS}`);
      return (100 * fallbacks(view)) / attempts;
    },
  },
  'thp.anon_share_pct': {
    title: 'Private memory in huge pages',
    unit: '%',
    formula: '100 × AnonHugePages / AnonPages',
    validity: 'a high share is normal and good for large heaps that are used densely',
    value: (view) => {
      const anon = view.meminfo('AnonPages');
      if (anon === 0) throw new Unknown('there is no private memory');
      // 2.6.32 keeps huge pages out of AnonPages, which then can be the smaller one
      return Math.min(100, (100 * view.meminfo('AnonHugePages')) / anon);
    },
  },
  'thp.huge_bytes': {
    title: 'Private memory in huge pages',
    unit: 'bytes',
    formula: 'AnonHugePages',
    value: (view) => view.meminfo('AnonHugePages'),
  },
  'thp.deferred_split_rate': {
    title: 'Huge pages of which a part was given back, per second',
    unit: '1/s',
    formula: 'Δ thp_deferred_split_page / Δt',
    validity: 'kernel 4.5 and later',
    reference: TRANSHUGE,
    value: (view) => view.rate('thp_deferred_split_page'),
  },
});

function fallbacks(view: View): number {
  return view.delta('thp_fault_fallback') - (view.maybe(() => view.delta('thp_fault_fallback_charge')) ?? 0);
}
