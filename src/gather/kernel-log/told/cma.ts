import { defineFamily, textAs } from './family.js';

/** mm/cma.c, cma_alloc(); the area is named since 5.12. */
export default defineFamily({
  begins: ['cma', '__cma_alloc: ', 'hugetlb_cma: ', 'alloc_contig_range'],
  sayings: [
    {
      kind: 'cma-failure',
      pattern: /^(?:cma: )?(?:__)?cma_alloc: (?:(.{1,64}?): )?alloc failed\b/,
      tells: ([, area]) => textAs('device', area),
      alike: ([, area = '']) => area,
    },
    {
      kind: 'cma-failure',
      pattern: /^(?:hugetlb_cma: reservation failed: |cma: Failed to reserve \d{1,10} MiB)/,
    },
    {
      // mm/page_alloc.c, alloc_contig_range(): its caller goes on with the next range
      kind: 'cma-failure',
      pattern: /^alloc_contig_range(?:_noprof)?: \[[0-9a-f]{1,16}, [0-9a-f]{1,16}\) PFNs busy/,
      tells: () => ({
        harmless: 'pages of this range are in use for the moment; the next range is tried, and “alloc failed” is said when none is left',
      }),
      alike: () => 'PFNs busy',
    },
  ],
});
