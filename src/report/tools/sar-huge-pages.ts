import type { Sample } from '../../gather/snapshot.js';
import { kib, less, share, two } from './numbers.js';
import { sarLevels } from './sar.js';
import { defineTool } from './tool.js';

/** Pages of the default size, in bytes. */
const pool =
  (name: string) =>
  ({ sources: { meminfo } }: Sample): number | undefined => {
    const [pages, size] = [meminfo?.[name], meminfo?.['Hugepagesize']];
    return pages === undefined || size === undefined ? undefined : pages * size;
  };
const used = (sample: Sample): number | null => less(pool('HugePages_Total')(sample), pool('HugePages_Free')(sample));

/** Formulas: sysstat pr_stats.c stub_print_huge_stats(). */
export default defineTool({
  place: 130,
  command: 'sar -H 1',
  title: 'huge pages',
  table: (snapshot) =>
    sarLevels(
      snapshot,
      'meminfo',
      'sar -H 1 10',
      [
        ['kbhugfree', pool('HugePages_Free'), kib],
        ['kbhugused', used, kib],
        ['%hugused', (sample) => share(used(sample), pool('HugePages_Total')(sample)), two],
        ['kbhugrsvd', pool('HugePages_Rsvd'), kib],
        ['kbhugsurp', pool('HugePages_Surp'), kib],
      ],
      ['Pages of the default size only; transparent huge pages are not in it.'],
    ),
});
