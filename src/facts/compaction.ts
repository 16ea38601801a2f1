import { defineFacts, Unknown } from './fact.js';

const REFERENCE = 'https://docs.kernel.org/admin-guide/mm/transhuge.html#monitoring-usage';
/** Fewer attempts make no share. */
const ATTEMPTS = 20;

/** Tasks that move pages about to make larger free blocks. */
export default defineFacts({
  'compact.stall_rate': {
    title: 'Tasks that stopped to compact memory, per second',
    unit: '1/s',
    formula: 'Δ compact_stall / Δt',
    reference: REFERENCE,
    value: (view) => view.rate('compact_stall'),
  },
  'compact.attempts': {
    title: 'Compactions by tasks that ended, in the sample',
    unit: 'count',
    formula: 'Δ compact_fail + Δ compact_success',
    reference: REFERENCE,
    value: (view) => view.delta('compact_fail') + view.delta('compact_success'),
  },
  'compact.fail_pct': {
    title: 'Compactions by tasks that gave no block',
    unit: '%',
    formula: '100 × Δ compact_fail / (Δ compact_fail + Δ compact_success)',
    validity: 'at least 20 in the sample',
    reference: REFERENCE,
    value: (view) => {
      const attempts = view.number('compact.attempts');
      if (attempts < ATTEMPTS) throw new Unknown(`only ${attempts} compactions in the sample: a share needs ${ATTEMPTS}`);
      return (100 * view.delta('compact_fail')) / attempts;
    },
  },
});
