import type { Sample } from '../../gather/snapshot.js';
import { kib, less, share, two } from './numbers.js';
import { sarLevels } from './sar.js';
import { defineTool } from './tool.js';

const field =
  (name: string) =>
  (sample: Sample): number | undefined =>
    sample.sources.meminfo?.[name];
const used = (sample: Sample): number | null => less(field('SwapTotal')(sample), field('SwapFree')(sample));

/** Formulas: sysstat pr_stats.c stub_print_swap_stats(). */
export default defineTool({
  place: 150,
  command: 'sar -S 1',
  title: 'swap space',
  table: (snapshot) =>
    sarLevels(snapshot, 'meminfo', 'sar -S 1 10', [
      ['kbswpfree', field('SwapFree'), kib],
      ['kbswpused', used, kib],
      ['%swpused', (sample) => share(used(sample), field('SwapTotal')(sample)), two],
      ['kbswpcad', field('SwapCached'), kib],
      ['%swpcad', (sample) => share(field('SwapCached')(sample), used(sample)), two],
    ]),
});
