import type { Sample } from '../../gather/snapshot.js';
import { kib, less, share, sum, two } from './numbers.js';
import { sarLevels } from './sar.js';
import { defineTool } from './tool.js';

const field =
  (name: string) =>
  (sample: Sample): number | undefined =>
    sample.sources.meminfo?.[name];

/** Since sysstat 11.7 what the caches and the slab hold is not used. */
const used = (sample: Sample): number | null => {
  const of = (name: string) => field(name)(sample);
  return less(of('MemTotal'), of('MemFree'), of('Buffers'), of('Cached'), of('Slab'));
};

/** Formulas: sysstat pr_stats.c stub_print_memory_stats(). */
export default defineTool({
  place: 140,
  command: 'sar -r 1',
  title: 'memory utilization',
  table: (snapshot) =>
    sarLevels(
      snapshot,
      'meminfo',
      'sar -r 1 10',
      [
        ['kbmemfree', field('MemFree'), kib],
        ['kbavail', field('MemAvailable'), kib],
        ['kbmemused', used, kib],
        ['%memused', (sample) => share(used(sample), field('MemTotal')(sample)), two],
        ['kbbuffers', field('Buffers'), kib],
        ['kbcached', field('Cached'), kib],
        ['kbcommit', field('Committed_AS'), kib],
        ['%commit', (sample) => share(field('Committed_AS')(sample), sum(field('MemTotal')(sample), field('SwapTotal')(sample))), two],
        ['kbactive', field('Active'), kib],
        ['kbinact', field('Inactive'), kib],
        ['kbdirty', field('Dirty'), kib],
      ],
      ['kbmemused is MemTotal − MemFree − Buffers − Cached − Slab; before sysstat 11.7 it was MemTotal − MemFree, caches included.'],
    ),
});
