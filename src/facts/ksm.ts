import { defineFacts, Unknown } from './fact.js';
import { ofHostRam } from './host-share.js';
import type { View } from './view.js';

const KSM = 'https://docs.kernel.org/admin-guide/mm/ksm.html';

/** Merging of equal pages. */
export default defineFacts({
  'ksm.running': {
    title: 'Equal pages are being merged',
    unit: 'boolean',
    formula: 'run of /sys/kernel/mm/ksm is 1',
    reference: KSM,
    value: (view) => value(view, 'run') === 1,
  },
  'ksm.shared_bytes': {
    title: 'Memory of merged pages',
    unit: 'bytes',
    formula: 'page size × pages_shared',
    reference: KSM,
    value: (view) => value(view, 'pages_shared') * view.pageSize,
  },
  'ksm.saved_bytes': {
    title: 'Memory saved by merging equal pages',
    unit: 'bytes',
    formula: 'page size × (pages_sharing + ksm_zero_pages)',
    validity: 'without what the merging itself needs; processes show the pages as theirs all the same',
    reference: KSM,
    value: saved,
  },
  'ksm.saved_pct': {
    title: 'Memory saved by merging equal pages, share of MemTotal',
    unit: '%',
    formula: '100 × ksm.saved_bytes / MemTotal',
    reference: KSM,
    value: (view) => ofHostRam(view, saved(view)),
  },
});

function value(view: View, name: string): number {
  const found = view.last('ksm')[name];
  view.used(`/sys/kernel/mm/ksm/${name}`);
  if (found === undefined) throw new Unknown(`there is no /sys/kernel/mm/ksm/${name}`);
  return found;
}

function saved(view: View): number {
  return (value(view, 'pages_sharing') + (view.maybe(() => value(view, 'ksm_zero_pages')) ?? 0)) * view.pageSize;
}
