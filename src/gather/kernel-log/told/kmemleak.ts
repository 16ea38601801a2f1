import { defineFamily, numberAs } from './family.js';

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
});
