import { defineFamily, numberAs, textAs, trigger } from './family.js';

/** __vmalloc_node_range(), until 5.10: `if (!size || …) goto fail`, which prints the size that was asked for. */
const NOTHING_ASKED = 'the caller asked for 0 bytes, which vmalloc refuses whatever there is: a mistake of that caller';

/** mm/vmalloc.c: the words changed in 2.6.39, 4.2, 5.12 and 5.13. */
export default defineFamily({
  begins: ['vmalloc', 'vmap allocation'],
  holds: [': vmalloc'],
  sayings: [
    {
      kind: 'vmalloc-failure',
      pattern:
        /^(?:(.{1,64}?): )?vmalloc(?:: allocation failure(?:: (\d{1,20}) bytes|, allocated \d{1,20} of (\d{1,20}) bytes)| error: size (\d{1,20}), | size (\d{1,20}) allocation failure: )(?:.{0,120}?mode:(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\)?)?))?/,
      tells: ([, name, early, older, size, newer, mask]) => ({
        ...numberAs('bytes', early ?? older ?? size ?? newer),
        ...textAs('gfpMask', mask),
        ...textAs('harmless', early === '0' ? NOTHING_ASKED : null),
        ...(name === undefined ? {} : trigger(name, undefined)),
      }),
      alike: ([, name = '']) => name,
    },
    {
      // alloc_vmap_area(): no room among the addresses, whatever memory is free
      kind: 'vmalloc-failure',
      pattern: /^(?:vmalloc: )?(?:vmap allocation|vmalloc_node_range) for size (\d{1,20}) failed: /,
      tells: ([, size]) => numberAs('bytes', size),
    },
  ],
  // warn_alloc_failed(), 2.6.39 to 4.9, then prints “page allocation failure: order:0” in a line of its own: the same, and of no page
  repeats: (event, { kind, order, trigger: who, gfpMask }) =>
    event.kind === 'vmalloc-failure' && event.trigger === undefined && kind === 'allocation-failure' && order === 0
      ? { order, ...(who && { trigger: who }), ...textAs('gfpMask', gfpMask) }
      : null,
});
