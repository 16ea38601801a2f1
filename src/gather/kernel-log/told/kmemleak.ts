import { defineFamily, type Details, numberAs, textAs, trigger } from './family.js';

const WHO = /^\s*comm "(.{1,64}?)", pid (\d{1,10})\b/;
const FRAME = /^\s*(?:\[<?[0-9a-f]{8,16}>?\] )?([\w.]{2,100})\+0x[0-9a-f]{1,10}\/0x[0-9a-f]{1,10}(?: \[(\w{1,60})\])?/;
/** What every allocation goes through. */
const COMMON =
  /^(?:kmemleak_|create_object|_{0,3}k[vz]?(?:malloc|zalloc|realloc|calloc)|_{0,2}kmem_cache_|kmem(?:dup|alloc)|kstr|memdup|strndup|slab_|_{0,3}slab_|pcpu_alloc|__alloc_percpu|_{0,2}vmalloc|vzalloc)/;

/** mm/kmemleak.c, kmemleak_scan(); it says suspected, and often errs. */
export default defineFamily({
  begins: ['kmemleak: ', 'unreferenced object 0x'],
  sayings: [
    { kind: 'kmemleak', pattern: /^kmemleak: \d{1,10} new suspected memory leaks/ },
    {
      // what /sys/kernel/debug/kmemleak shows of each; syzkaller and some kernels print it
      kind: 'kmemleak',
      pattern: /^unreferenced object 0x[0-9a-f]{8,16} \(size (\d{1,12})\):$/,
      tells: ([, size]) => numberAs('bytes', size),
    },
  ],
  // the bytes of the object stand before its call trace
  reach: 16,
  follows: (event, text) => (event.kind === 'kmemleak' ? madeBy(event.device, text) : null),
});

/** Who made the object, and where: the innermost function that is not one of the allocator’s. */
function madeBy(known: string | undefined, text: string): Details | null {
  const [, name, pid] = WHO.exec(text) ?? [];
  if (name !== undefined) return trigger(name, pid);
  const [, caller, module] = known === undefined ? (FRAME.exec(text) ?? []) : [];
  if (caller === undefined || COMMON.test(caller)) return null;
  return textAs('device', module === undefined ? caller : `${caller} [${module}]`);
}
