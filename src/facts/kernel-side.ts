import { defineFacts, type FactDefinition, Unknown } from './fact.js';
import type { View } from './view.js';

const PARAMETERS = 'https://docs.kernel.org/admin-guide/kernel-parameters.html';
/** THREAD_SIZE of 64-bit hosts; 32-bit ones have half of it. */
const STACK = 16_384;
/** The window of addresses of 64-bit kernels is TiB wide, that of 32-bit ones less than the 4 GiB there are. */
const WIDE = 2 ** 32;
/** What costs memory or time on each allocation, by the kernel command line. */
const DEBUGGING =
  /(?:^|\s)(slub_debug(?:=\S*)?|slab_debug(?:=\S*)?|page_owner=on|debug_pagealloc=on|kmemleak=on|kasan=on|kasan_multi_shot|page_poison(?:ing)?=(?:on|1)|debug_guardpage_minorder=[1-9]\d?)(?=\s|$)/g;

/** Parts of the kernel’s own memory that rarely matter. */
export default defineFacts({
  'kstack.bytes': {
    title: 'Kernel stacks of threads',
    unit: 'bytes',
    formula: 'KernelStack',
    value: (view) => view.meminfo('KernelStack'),
  },
  'kstack.pct': ofTotal('Kernel stacks of threads', 'KernelStack', (view) => view.meminfo('KernelStack')),
  'kstack.threads': {
    title: 'Threads by their kernel stacks',
    unit: 'count',
    formula: 'KernelStack / 16 KiB',
    validity: 'half of it on 32-bit hosts, a quarter with KASAN; the rest of a page of 64 KiB is lost on hosts that have such pages',
    value: (view) => Math.round(view.meminfo('KernelStack') / STACK),
  },
  'percpu.bytes': { title: 'Per-CPU memory of the kernel', unit: 'bytes', formula: 'Percpu', value: (view) => view.meminfo('Percpu') },
  'pt.secondary_bytes': {
    title: 'Page tables of guests and devices',
    unit: 'bytes',
    formula: 'SecPageTables',
    validity: 'kernel 6.1 and later',
    value: (view) => view.meminfo('SecPageTables'),
  },
  'pt.secondary_pct': ofTotal('Page tables of guests and devices', 'SecPageTables', (view) => view.meminfo('SecPageTables')),
  'gpu.bytes': {
    title: 'Memory of graphics drivers',
    unit: 'bytes',
    formula: 'GPUActive + GPUReclaim',
    validity: 'kernel 7.2 and later',
    value: graphics,
  },
  'gpu.pct': ofTotal('Memory of graphics drivers', 'gpu.bytes', graphics),
  'boot.debugging': {
    title: 'Debugging of memory that the kernel was booted with',
    unit: 'text',
    formula: 'slub_debug, page_owner=on, debug_pagealloc=on, kmemleak=on, kasan and their like of the kernel command line',
    validity: 'unknown when there is none; what the kernel was built with is not seen',
    reference: PARAMETERS,
    value: (view) => {
      const found = debugging(view);
      if (found.length === 0) throw new Unknown('the kernel command line asks for no debugging of memory');
      return found.join(' ');
    },
  },
  'boot.debugging_count': {
    title: 'How many kinds of debugging of memory the kernel was booted with',
    unit: 'count',
    formula: 'as boot.debugging',
    reference: PARAMETERS,
    value: (view) => debugging(view).length,
  },
  'vmalloc.window_bytes': {
    title: 'Addresses that the kernel has for large buffers and devices',
    unit: 'bytes',
    formula: 'VmallocTotal, below 4 GiB',
    validity: 'of 32-bit kernels; others have more than can ever be used',
    value: window,
  },
  'vmalloc.window_used_pct': {
    title: 'Addresses for large buffers and devices that are taken, share',
    unit: '%',
    formula: '100 × min(1, max(VmallocUsed, Σ size of /proc/vmallocinfo) / VmallocTotal)',
    validity: 'of 32-bit kernels; VmallocUsed counts addresses before 4.4, is 0 until 5.3, and counts pages since, so then it is a minimum',
    value: (view) => {
      const total = window(view);
      const mapped = view.maybe(() => view.last('vmallocinfo').mapped) ?? 0;
      if (mapped > 0) view.used('/proc/vmallocinfo');
      const used = view.maybe(() => view.meminfo('VmallocUsed')) ?? 0;
      if (mapped === 0 && used === 0) throw new Unknown('this kernel does not count the addresses, and /proc/vmallocinfo was not read');
      return Math.min(100, (100 * Math.max(mapped, used)) / total);
    },
  },
});

function graphics(view: View): number {
  return view.meminfo('GPUActive') + (view.maybe(() => view.meminfo('GPUReclaim')) ?? 0);
}

function window(view: View): number {
  const total = view.meminfo('VmallocTotal');
  if (total === 0 || total >= WIDE) throw new Unknown('a 64-bit kernel has addresses enough');
  return total;
}

function debugging(view: View): string[] {
  view.used('/proc/cmdline');
  return [...view.last('cmdline').text.matchAll(DEBUGGING)].flatMap(([, word]) => word ?? []);
}

function ofTotal(title: string, field: string, bytes: (view: View) => number): FactDefinition {
  return {
    title: `${title}, share of MemTotal`,
    unit: '%',
    formula: `100 × ${field} / MemTotal`,
    value: (view) => (100 * bytes(view)) / view.number('mem.total_bytes'),
  };
}
