import type { Sample } from '../../gather/snapshot.js';
import { rateIn } from './intervals.js';
import { sarRates } from './sar.js';
import { defineTool } from './tool.js';

/** By who reclaims: these count reclaim of the host alone up to 6.18; kernels before 4.8 count by zone as well. */
const RECLAIMER = '(?:kswapd|direct|khugepaged|proactive)(?:_(?:dma|dma32|normal|high|movable|device))?';
const SCAN = new RegExp(`^pgscan_${RECLAIMER}$`);
const STEAL = new RegExp(`^pgsteal_${RECLAIMER}$`);
const KSWAPD = /^pgscan_kswapd/;
/** pgscan_direct_throttle counts events, not pages. */
const DIRECT = /^pgscan_direct(?!_throttle)/;

const counter =
  (name: string) =>
  (sample: Sample): number | undefined =>
    sample.sources.vmstat?.[name];

const matching =
  (pattern: RegExp) =>
  ({ sources: { vmstat = {} } }: Sample): number | undefined => {
    let total: number | undefined;
    // hundreds of names, asked for again for every column and interval: most are no matter for a pattern
    for (const name of Object.keys(vmstat)) if (name.startsWith('pgs') && pattern.test(name)) total = (total ?? 0) + (vmstat[name] ?? 0);
    return total;
  };

/** By kind of page where the kernel tells (5.8), as sysstat does since 12.7.9: by kind and by reclaimer together would count twice. */
const stolen = (sample: Sample): number | undefined => matching(/^pgsteal_(?:anon|file)$/)(sample) ?? matching(/^pgsteal_/)(sample);

/** Steal and scan of the same reclaimers; before 3.x steal is counted by zone alone. */
const stolenByReclaimer = (sample: Sample): number | undefined => matching(STEAL)(sample) ?? matching(/^pgsteal_(?!anon|file)/)(sample);

const NOTES = [
  'pgsteal/s is pgsteal_anon + pgsteal_file, as sysstat prints it since 12.7.9; before, it added every pgsteal_* name, which counts each page twice from Linux 5.8 on: %vmeff up to 200 %.',
  '%vmeff, which sysstat dropped in 12.7.5 (for pgprom/s and pgdem/s), is here pages reclaimed by kswapd, direct and other host-wide reclaim over pages these scanned, at most 100; with the multi-generational LRU it is near 100 even while thrashing.',
];

/** Formulas: sysstat rd_stats.c read_vmstat_paging(), pr_stats.c print_paging_stats(). */
export default defineTool({
  place: 120,
  command: 'sar -B 1',
  title: 'paging',
  table: (snapshot) =>
    sarRates(
      snapshot,
      'vmstat',
      'sar -B 1 10',
      [
        ['pgpgin/s', (interval) => rateIn(interval, counter('pgpgin'))],
        ['pgpgout/s', (interval) => rateIn(interval, counter('pgpgout'))],
        ['fault/s', (interval) => rateIn(interval, counter('pgfault'))],
        ['majflt/s', (interval) => rateIn(interval, counter('pgmajfault'))],
        ['pgfree/s', (interval) => rateIn(interval, counter('pgfree'))],
        ['pgscank/s', (interval) => rateIn(interval, matching(KSWAPD))],
        ['pgscand/s', (interval) => rateIn(interval, matching(DIRECT))],
        ['pgsteal/s', (interval) => rateIn(interval, stolen)],
        [
          '%vmeff',
          (interval) => {
            const [scan, steal] = [rateIn(interval, matching(SCAN)), rateIn(interval, stolenByReclaimer)];
            return scan === null || steal === null ? null : scan === 0 ? 0 : Math.min(100, (100 * steal) / scan);
          },
        ],
      ],
      NOTES,
    ),
});
