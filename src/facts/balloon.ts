import { defineFacts } from './fact.js';
import type { View } from './view.js';

const REFERENCE = 'https://github.com/torvalds/linux/blob/v6.12/include/linux/balloon_compaction.h';

/** Memory that the hypervisor has taken back from this guest. */
export default defineFacts({
  'vm.balloon_bytes': {
    title: 'Memory in the balloon of the hypervisor',
    unit: 'bytes',
    formula: 'Balloon of /proc/meminfo; else (balloon_inflate − balloon_deflate) × page size',
    validity: 'drivers that count: virtio, VMware, and with Balloon also others; Xen and Hyper-V before it do not',
    reference: REFERENCE,
    value: balloon,
  },
  'vm.balloon_pct': {
    title: 'Balloon, share of the memory with it',
    unit: '%',
    formula: '100 × balloon / (MemTotal + balloon)',
    validity: 'a balloon that may deflate when memory is short is not taken off MemTotal: then it is a little more',
    value: (view) => (100 * balloon(view)) / (view.number('mem.total_bytes') + balloon(view)),
  },
  'vm.balloon_inflate_rate': {
    title: 'Pages that the balloon takes, per second',
    unit: 'pages/s',
    formula: '(Δ balloon_inflate − Δ balloon_deflate) / Δt',
    validity: 'negative when the balloon gives back',
    value: (view) => view.rate('balloon_inflate') - view.rate('balloon_deflate'),
  },
});

function balloon(view: View): number {
  if (view.last('meminfo')['Balloon'] !== undefined) return view.meminfo('Balloon');
  return Math.max(0, view.vmstat('balloon_inflate') - view.vmstat('balloon_deflate')) * view.pageSize;
}
