import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const HIGHMEM = 'https://docs.kernel.org/mm/highmem.html';

/** A 32-bit host with more memory than the kernel can address: its own objects fit into the low part only. */
export default defineFacts({
  'lowmem.free_pct': {
    title: 'Free low memory, share of all low memory',
    unit: '%',
    formula: '100 × LowFree / LowTotal',
    validity: 'only where there is high memory: HighTotal > 0',
    reference: HIGHMEM,
    value: (view) => (100 * view.meminfo('LowFree')) / total(view),
  },
  'lowmem.free_bytes': {
    title: 'Free low memory',
    unit: 'bytes',
    formula: 'LowFree',
    validity: 'only where there is high memory: HighTotal > 0',
    reference: HIGHMEM,
    value: (view) => {
      total(view);
      return view.meminfo('LowFree');
    },
  },
  'lowmem.high_free_pct': {
    title: 'Free high memory, share of all high memory',
    unit: '%',
    formula: '100 × HighFree / HighTotal',
    validity: 'only where there is high memory: HighTotal > 0',
    reference: HIGHMEM,
    value: (view) => {
      total(view);
      return (100 * view.meminfo('HighFree')) / view.meminfo('HighTotal');
    },
  },
  'lowmem.high_free_bytes': {
    title: 'Free high memory',
    unit: 'bytes',
    formula: 'HighFree',
    validity: 'only where there is high memory: HighTotal > 0',
    reference: HIGHMEM,
    value: (view) => {
      total(view);
      return view.meminfo('HighFree');
    },
  },
  'lowmem.kernel_pct': {
    title: 'Low memory that the kernel’s own objects take',
    unit: '%',
    formula: '100 × (Slab + PageTables + KernelStack) / LowTotal',
    validity: 'page tables may lie in high memory (CONFIG_HIGHPTE); only where there is high memory: HighTotal > 0',
    reference: HIGHMEM,
    value: (view) => {
      const part = (name: string): number => view.maybe(() => view.meminfo(name)) ?? 0;
      return (100 * (view.meminfo('Slab') + part('PageTables') + part('KernelStack'))) / total(view);
    },
  },
});

function total(view: View): number {
  if (view.meminfo('HighTotal') === 0) throw new Unknown('all memory is low memory');
  return view.meminfo('LowTotal');
}
