import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

/** Memory that the host has, or was promised, and that the kernel does not hand out. */
export default defineFacts({
  'mem.hidden_bytes': {
    title: 'Memory that is there and that nobody can use',
    unit: 'bytes',
    formula: 'max(0, mem.reserved_bytes − balloon)',
    validity: 'with the page structures (1.6 %), the crash kernel and what was allocated at boot; not what the firmware keeps',
    value: hidden,
  },
  'mem.hidden_pct': {
    title: 'Memory that is there and that nobody can use, share of what is there',
    unit: '%',
    formula: '100 × mem.hidden_bytes / (MemTotal + mem.reserved_bytes)',
    value: (view) => (100 * hidden(view)) / (view.number('mem.total_bytes') + view.number('mem.reserved_bytes')),
  },
  'vm.unaccepted_bytes': {
    title: 'Memory that the guest has not accepted from its host yet',
    unit: 'bytes',
    formula: 'Unaccepted',
    validity: 'confidential guests, kernel 6.5 and later; a part of MemFree',
    value: (view) => view.meminfo('Unaccepted'),
  },
  'vm.lazy': {
    title: 'The kernel takes memory into use bit by bit',
    unit: 'boolean',
    formula: 'Unaccepted > 0, or zones.consistent is false',
    value: (view) => {
      const unaccepted = view.maybe(() => view.meminfo('Unaccepted'));
      if (unaccepted !== undefined && unaccepted > 0) return true;
      return view.fact('zones.consistent') === false && view.maybe(() => view.fact('view.mixed')) === false;
    },
  },
});

function hidden(view: View): number {
  const balloon = view.maybe(() => view.number('vm.balloon_bytes'));
  const held = view.number('mem.reserved_bytes');
  if (balloon === undefined && view.maybe(() => view.fact('view.scope')) === 'vm-guest')
    throw new Unknown('a guest may have given memory to its host, and nothing tells how much');
  return Math.max(0, held - (balloon ?? 0));
}
