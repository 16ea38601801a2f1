import { defineFamily, numberAs, textAs } from './family.js';

/** One request is told by the area, by the helper of drivers and by the driver, within a moment. */
const FAILED = 'alloc failed';

/** mm/cma.c, cma_alloc(); the area is named since 5.12. */
export default defineFamily({
  begins: ['cma', '__cma_alloc: ', 'hugetlb_cma: ', 'alloc_contig_range'],
  holds: [': failed to allocate buffer with size ', ' Failed to allocate from CMA'],
  sayings: [
    {
      kind: 'cma-failure',
      pattern: /^(?:cma: )?(?:__)?cma_alloc: (?:(.{1,64}?): )?alloc failed\b/,
      tells: ([, area]) => textAs('device', area),
      alike: () => FAILED,
    },
    {
      kind: 'cma-failure',
      pattern: /^(?:hugetlb_cma: reservation failed: |cma: Failed to reserve \d{1,10} MiB)/,
    },
    {
      // drivers/gpu/drm/drm_gem_dma_helper.c (drm_gem_cma_helper.c until 6.0): buffers for a display without an IOMMU
      kind: 'cma-failure',
      pattern: /^([\w.-]{1,40}) [\w.:@-]{1,60}: failed to allocate buffer with size (\d{1,15})\b/,
      tells: ([, driver, size]) => ({ ...textAs('device', driver), ...numberAs('bytes', size) }),
      alike: () => FAILED,
      once: true,
    },
    {
      // drivers/gpu/drm/vc4/vc4_bo.c: what is said after the one above
      kind: 'cma-failure',
      pattern: /^\[drm(?::\w{1,40}(?: \[\w{1,20}\])?)?\] (?:\*ERROR\* )?Failed to allocate from CMA\b/,
      alike: () => FAILED,
      once: true,
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
