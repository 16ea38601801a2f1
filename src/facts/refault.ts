import { fileRefaults, refaults, rise, riseOfAny, stolenAtAll } from './counters.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const WORKINGSET = 'https://github.com/torvalds/linux/blob/v6.12/mm/workingset.c';
/** Below this many refaults a ratio of them is noise. */
const FLOOR_REFAULTS = 512;

/** Pages that came back soon after they were reclaimed, and page faults. */
export default defineFacts({
  'refault.file_rate': {
    title: 'File pages read again after they were reclaimed, per second',
    unit: 'pages/s',
    formula: 'Δ workingset_refault_file / Δt; before 5.9 Δ workingset_refault / Δt',
    validity:
      'unknown when pages refaulted and none was reclaimed in the sample: they were dropped before it; streaming re-reads refault without harm',
    reference: WORKINGSET,
    value: (view) => believable(view, fileRefaults(view)) / view.seconds,
  },
  'refault.anon_rate': {
    title: 'Anonymous pages swapped in again after they were reclaimed, per second',
    unit: 'pages/s',
    formula: 'Δ workingset_refault_anon / Δt',
    validity: 'kernel 5.9 and later; unknown when pages refaulted and none was reclaimed in the sample',
    reference: WORKINGSET,
    value: (view) => believable(view, rise(view, 'workingset_refault_anon')) / view.seconds,
  },
  'refault.ratio_file': {
    title: 'Share of the reclaimed file pages that came back',
    unit: '1',
    formula: 'Δ workingset_refault_file / max(1, Δ pgsteal_file)',
    validity: 'at least 512 refaults; kernel 5.9 and later',
    value: (view) => enough(rise(view, 'workingset_refault_file')) / Math.max(1, rise(view, 'pgsteal_file')),
  },
  'refault.thrash_ratio': {
    title: 'Share of the refaulted pages that had been in active use',
    unit: '1',
    formula: 'Δ workingset_restore_* / Δ workingset_refault_*; workingset_activate where there is no restore',
    validity: 'at least 512 refaults; classic LRU only: MGLRU counts no restores',
    reference: WORKINGSET,
    value: thrashRatio,
  },
  'refault.major_ratio': {
    title: 'Major faults per refaulted page',
    unit: '1',
    formula: 'Δ pgmajfault / max(1, Δ workingset_refault_*)',
    validity:
      'at least 512 refaults; near 1 when tasks wait for mapped pages, near 0 for read(); low for databases that read through buffers, so it only confirms',
    value: (view) => view.delta('pgmajfault') / enough(refaults(view)),
  },
  'fault.major_rate': {
    title: 'Major page faults, per second',
    unit: '1/s',
    formula: 'Δ pgmajfault / Δt',
    validity: 'counts retries without I/O as well: look at pgpgin and pswpin beside it',
    value: (view) => view.rate('pgmajfault'),
  },
  'fault.minor_rate': {
    title: 'Minor page faults, per second',
    unit: '1/s',
    formula: '(Δ pgfault − Δ pgmajfault) / Δt',
    value: (view) => Math.max(0, view.rate('pgfault') - view.rate('pgmajfault')),
  },
});

/** Refaults without any reclaim near them come from a drop_caches or a restore long ago. */
function believable(view: View, refaulted: number): number {
  if (refaulted > 0 && stolenAtAll(view) === 0)
    throw new Unknown('pages refaulted, but none was reclaimed in the sample: they were dropped before it');
  return refaulted;
}

function thrashRatio(view: View): number {
  if (view.maybe(() => view.fact('kernel.mglru')) === true) throw new Unknown('MGLRU is in use: it does not count restores');
  const all = enough(refaults(view));
  const restored = view.maybe(() => riseOfAny(view, ['workingset_restore_anon', 'workingset_restore_file', 'workingset_restore']));
  return (restored ?? riseOfAny(view, ['workingset_activate'])) / all;
}

function enough(refaulted: number): number {
  if (refaulted < FLOOR_REFAULTS) throw new Unknown(`only ${refaulted} pages refaulted in the sample: too few for a ratio`);
  return refaulted;
}
