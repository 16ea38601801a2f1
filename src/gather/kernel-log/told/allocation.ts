import { defineFamily, type Details, numberAs, textAs, trigger } from './family.js';
import { harmlessAllocation } from './harmless.js';

/**
 * mm/page_alloc.c, warn_alloc(): `COMM: page allocation failure: order:N, mode:0x…(…), nodemask=…`; a full stop for the
 * second colon and no comma until 2.6.37, no names of flags until 4.5. A line that was cut may lack the end.
 */
export default defineFamily({
  begins: ['XFS: ', 'page allocation ', '__alloc_pages: '],
  holds: [': page allocation '],
  sayings: [
    {
      kind: 'allocation-failure',
      pattern: /^(.{1,64}?): page allocation failure(?:[.:,] ?order:(\d{1,2})(?:,? mode:(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\)?)?))?|:$)/,
      tells: ([, name = '', order, mask]) => ({ ...numberAs('order', order), ...allocation(name, order, mask) }),
      alike: ([, name = '', order = '']) => `${order} ${alikeName(name)}`,
    },
    {
      // the name was left out when it was copied
      kind: 'allocation-failure',
      pattern: /^page allocation failure[.:,] ?order:(\d{1,2}),? mode:(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\)?)?)/,
      tells: ([, order, mask = '']) => ({
        ...numberAs('order', order),
        gfpMask: mask,
        ...textAs('harmless', harmlessAllocation(Number(order), mask, '')),
      }),
      alike: ([, order = '']) => `${order} `,
    },
    {
      // 2.4: the second number is PF_MEMALLOC
      kind: 'allocation-failure',
      pattern: /^__alloc_pages: (\d{1,2})-order allocation failed(?: \(gfp=(0x[0-9a-f]{1,8})\/[01x]{1,3}\))?/,
      tells: ([, order, mask]) => ({ ...numberAs('order', order), ...textAs('gfpMask', mask) }),
      alike: ([, order = '']) => `${order} `,
    },
    {
      // 4.10 to 4.14
      kind: 'allocation-stall',
      pattern:
        /^(.{1,64}?): page allocation stalls for (\d{1,10})ms(?:, order:(\d{1,2})(?:,? mode:(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\)?)?))?)?/,
      tells: ([, name = '', milliseconds, order, mask]) => ({
        ...numberAs('order', order),
        ...allocation(name, order, mask),
        ...numberAs('seconds', milliseconds, 1e-3),
      }),
      alike: ([, name = '', , order = '']) => `${order} ${alikeName(name)}`,
    },
    {
      // fs/xfs/kmem.c until 6.8; size since 4.4: it asks again and again
      kind: 'allocation-stall',
      pattern:
        /^XFS: (?:(.{1,64}?)\((\d{1,10})\) )?possible memory allocation deadlock (?:size (\d{1,20}) )?in .{1,40}mode:(0x[0-9a-f]{1,16})/,
      tells: ([, name, pid, size, mask]) => ({
        ...numberAs('bytes', size),
        ...textAs('gfpMask', mask),
        ...(name === undefined ? {} : trigger(name, pid)),
        subsystem: 'xfs',
      }),
      alike: ([, name = '']) => `XFS ${name}`,
    },
  ],
  // a mail program wrapped the line before the mask, and a comment was written between
  follows: ({ kind, gfpMask, order, trigger: who }, text) => {
    const mask = kind === 'allocation-failure' && gfpMask === undefined ? MASK.exec(text)?.[1] : undefined;
    return mask === undefined ? null : { gfpMask: mask, ...textAs('harmless', harmlessAllocation(order ?? 0, mask, who?.name ?? '')) };
  },
});

const MASK = /^mode:(0x[0-9a-f]{1,16}(?:\([^)]{0,300}\)?)?)/;

const allocation = (name: string, order: string | undefined, mask: string | undefined): Details => ({
  ...textAs('gfpMask', mask),
  ...trigger(name, undefined),
  ...textAs('harmless', harmlessAllocation(Number(order ?? 0), mask ?? '', name)),
});

/** kworker/3:1 and kworker/u8:2 do the same work. */
const alikeName = (name: string): string => (/^(?:kworker|swapper|ksoftirqd|kswapd)\b/.test(name) ? name.replaceAll(/\d+/g, '#') : name);
