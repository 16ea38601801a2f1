import { count, map } from '../../json-schema.js';
import { countsByName } from '../files.js';
import { defineSource } from '../source.js';

const FILES = `alloc_sleep_millisecs defrag full_scans max_ptes_none max_ptes_shared max_ptes_swap pages_collapsed pages_to_scan
  scan_sleep_millisecs`.split(/\s+/);
/** The second place is Red Hat's of 2.6.32. */
const ROOTS = ['sys/kernel/mm/transparent_hugepage/khugepaged', 'sys/kernel/mm/redhat_transparent_hugepage/khugepaged'];
/** Red Hat's 2.6.32 says yes and no. */
const WORDS: Readonly<Record<string, string>> = { yes: '1', no: '0' };

/** The kernel thread that puts small pages together to huge ones. */
export default defineSource({
  title: '/sys/kernel/mm/transparent_hugepage/khugepaged',
  docs: 'https://docs.kernel.org/admin-guide/mm/transhuge.html#khugepaged-controls',
  reads: ROOTS.flatMap((root) => FILES.map((name) => `${root}/${name}`)),
  cadence: 'full',
  schema: map(count(), 'settings, and full_scans and pages_collapsed since boot'),
  parseFiles: (files) => countsByName(new Map([...files].map(([path, text]) => [path, plain(text.trim())]))),
});

function plain(text: string): string {
  const word = /\[(yes|no)\]/.exec(text)?.[1];
  return word === undefined ? text : (WORDS[word] ?? text);
}
