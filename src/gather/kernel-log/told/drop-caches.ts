import { defineFamily, trigger } from './family.js';

/** fs/drop_caches.c: 1 page cache, 2 slab, 3 both; 4 (quiet) stops further lines. */
export default defineFamily({
  holds: [': drop_caches: '],
  sayings: [
    {
      kind: 'drop-caches',
      pattern: /^(.{1,64}) \((\d{1,10})\): drop_caches: \d/,
      tells: ([, name = '', pid]) => trigger(name, pid),
      alike: ([, name = '']) => name,
    },
  ],
});
