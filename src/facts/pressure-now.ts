import { defineFacts, type FactDefinition } from './fact.js';
import type { View } from './view.js';

const REFERENCE = 'https://docs.kernel.org/accounting/psi.html';

const now = (kind: 'some' | 'full'): FactDefinition => ({
  title: `${kind === 'some' ? 'Some tasks waited' : 'All tasks waited'} for memory, share of the sample`,
  unit: '%',
  formula: `psi.mem.${kind}.pct over 5 s or more; else psi.mem.${kind}.avg10`,
  validity: 'the averages step every 2 s and lag behind, so they stand in for a sample only where that is short or single',
  reference: REFERENCE,
  value: (view: View) => {
    const exact = view.maybe(() => (view.fact('sample.short') === false ? view.number(`psi.mem.${kind}.pct`) : undefined));
    return exact ?? view.number(`psi.mem.${kind}.avg10`);
  },
});

/** The memory pressure to judge by, with one sample as with two. */
export default defineFacts({
  'psi.mem.some.now': now('some'),
  'psi.mem.full.now': now('full'),
});
