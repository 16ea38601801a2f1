import { defineFamily, textAs } from './family.js';

/** mm/slub.c, slab_out_of_memory(); mm/slab.c until 6.7. The line that follows names the cache. */
export default defineFamily({
  begins: ['SLUB: Unable', 'SLAB: Unable'],
  sayings: [
    {
      kind: 'slub-failure',
      pattern:
        /^SL[AU]B: Unable to allocate memory on (?:node -?\d{1,5}|CPU \d{1,5} \(of node -?\d{1,5}\) on node -?\d{1,5})(?:,? ?\(?gfp=(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\)?)?))?/,
      tells: ([, mask]) => textAs('gfpMask', mask),
    },
  ],
  follows: (event, text) => {
    if (event.kind !== 'slub-failure' || event.device !== undefined) return null;
    const match = /^ {0,8}cache: (.{1,64}?), object size: \d{1,10}/.exec(text);
    return match ? { device: match[1] ?? '' } : null;
  },
});
