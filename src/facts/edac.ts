import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const RAS = 'https://docs.kernel.org/admin-guide/ras.html';
const SINCE = 'since boot or since the counters were reset; no memory controller driver, no count';

/** Errors that the memory controllers and the kernel have counted. */
export default defineFacts({
  'edac.ce': {
    title: 'Memory errors that were corrected',
    unit: 'count',
    formula: 'Σ ce_count of /sys/devices/system/edac/mc/mc*',
    validity: SINCE,
    reference: RAS,
    value: (view) => total(controllers(view), 'ce'),
  },
  'edac.ue': {
    title: 'Memory errors that could not be corrected',
    unit: 'count',
    formula: 'Σ ue_count of /sys/devices/system/edac/mc/mc*',
    validity: SINCE,
    reference: RAS,
    value: (view) => total(controllers(view), 'ue'),
  },
  'edac.d_ce': {
    title: 'Memory errors that were corrected, in the sample',
    unit: 'count',
    formula: 'Δ Σ ce_count of /sys/devices/system/edac/mc/mc*',
    reference: RAS,
    value: (view) => rise(view, 'ce'),
  },
  'edac.d_ue': {
    title: 'Memory errors that could not be corrected, in the sample',
    unit: 'count',
    formula: 'Δ Σ ue_count of /sys/devices/system/edac/mc/mc*',
    reference: RAS,
    value: (view) => rise(view, 'ue'),
  },
  'edac.ce_per_day': {
    title: 'Memory errors that were corrected, per day',
    unit: 'count',
    formula: '86400 × Σ ce_count / seconds_since_reset',
    validity: 'from one hour since the counters were reset',
    reference: RAS,
    value: (view) => {
      const since = Math.min(...controllers(view).map(({ sinceReset }) => sinceReset ?? view.number('sample.uptime')));
      if (!(since >= 3600)) throw new Unknown('the counters were reset less than an hour ago');
      return (86_400 * view.number('edac.ce')) / since;
    },
  },
  'edac.worst_module': {
    title: 'The memory module with the most errors',
    unit: 'text',
    formula: 'label or place with the most errors that were not corrected, then the most corrected ones',
    validity: 'unknown when there was none, or the controller cannot tell',
    reference: RAS,
    value: worst,
  },
  'hw.poisoned_pages': {
    title: 'Pages with errors of the hardware, since boot',
    unit: 'pages',
    formula: 'Σ total of /sys/devices/system/node/node*/memory_failure',
    validity: 'kernel 6.4 and later; injected errors count as well',
    value: (view) => failures(view).reduce((sum, node) => sum + node.total, 0),
  },
  'hw.poison_not_recovered': {
    title: 'Pages with errors of the hardware that the kernel could not take out of use',
    unit: 'pages',
    formula: 'Σ (ignored + failed + delayed) of /sys/devices/system/node/node*/memory_failure',
    validity: 'kernel 6.4 and later',
    value: (view) => failures(view).reduce((sum, node) => sum + node.ignored + node.failed + node.delayed, 0),
  },
});

function controllers(view: View): SourceData<'edac'> {
  const found = view.last('edac');
  view.used('/sys/devices/system/edac/mc/mc*');
  return found;
}

const total = (found: SourceData<'edac'>, field: 'ce' | 'ue'): number => found.reduce((sum, each) => sum + each[field], 0);

function rise(view: View, field: 'ce' | 'ue'): number {
  const { first, last } = view.pair('edac');
  view.used('/sys/devices/system/edac/mc/mc*');
  const change = total(last, field) - total(first, field);
  if (change < 0) throw new Unknown('the error counters were reset between the samples');
  return change;
}

function failures(view: View): SourceData<'memory-failure'> {
  view.used('/sys/devices/system/node/node*/memory_failure');
  return view.last('memory-failure');
}

function worst(view: View): string {
  const modules = controllers(view).flatMap(({ controller, dimms }) =>
    dimms.map((dimm) => ({ ...dimm, place: `${controller} ${dimm.name}` })),
  );
  const [first] = modules.filter(({ ce, ue = 0 }) => ce + ue > 0).toSorted((a, b) => (b.ue ?? 0) - (a.ue ?? 0) || b.ce - a.ce);
  if (!first) throw new Unknown('no memory module has errors');
  return first.label ? `${first.label} (${first.place})` : first.place;
}
