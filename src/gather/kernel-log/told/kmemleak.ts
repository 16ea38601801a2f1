import { defineFamily } from './family.js';

/** mm/kmemleak.c, kmemleak_scan(); it says suspected, and often errs. */
export default defineFamily({
  begins: ['kmemleak: '],
  sayings: [{ kind: 'kmemleak', pattern: /^kmemleak: \d{1,10} new suspected memory leaks/ }],
});
