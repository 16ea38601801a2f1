import { balloonHeld, heldByDriver } from './balloon-size.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const REFERENCE = 'https://github.com/torvalds/linux/blob/v6.12/include/linux/balloon_compaction.h';

/** Memory that the hypervisor has taken back from this guest. */
export default defineFacts({
  'vm.balloon_bytes': {
    title: 'Memory in the balloon of the hypervisor',
    unit: 'bytes',
    formula:
      'Balloon of /proc/meminfo, else (balloon_inflate − balloon_deflate) × page size; or what the driver says itself, when it is more',
    validity:
      'virtio and VMware use the counters; Hyper-V (root, debugfs, 6.0 and later), Xen and older VMware drivers have files of their own',
    reference: REFERENCE,
    value: balloon,
  },
  'vm.balloon_pct': {
    title: 'Balloon, share of the memory with it',
    unit: '%',
    formula: '100 × balloon / (MemTotal + balloon); what VMware holds is in MemTotal already',
    validity: 'a balloon that may deflate when memory is short is not taken off MemTotal: then it is a little more',
    value: (view) => {
      const held = balloon(view);
      // until 6.18 vmw_balloon.c does not call adjust_managed_page_count(), as virtio_balloon.c does
      const inside = view.readings('balloon').at(-1)?.data.vmware?.bytes ?? 0;
      return Math.min(100, (100 * held) / (view.number('mem.total_bytes') + Math.max(0, held - inside)));
    },
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
  const reading = view.readings('meminfo').at(-1) ?? view.readings('vmstat').at(-1) ?? view.readings('balloon').at(-1);
  const sources = reading?.sample.sources ?? {};
  if (sources.meminfo?.['Balloon'] !== undefined) view.used('/proc/meminfo Balloon');
  else if (sources.vmstat?.['balloon_inflate'] !== undefined) view.used('/proc/vmstat balloon_inflate, balloon_deflate');
  if (heldByDriver(sources) !== undefined) view.used('vmmemctl, hv-balloon or xen_memory');
  const held = balloonHeld(sources, view.pageSize);
  if (held === undefined) throw new Unknown('neither /proc/meminfo nor /proc/vmstat has a balloon, and no driver tells of one');
  return held;
}
