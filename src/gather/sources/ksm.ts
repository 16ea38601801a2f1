import { map, number } from '../../json-schema.js';
import { numbersByName } from '../files.js';
import { defineSource } from '../source.js';

const FILES = `full_scans general_profit ksm_zero_pages max_page_sharing merge_across_nodes pages_scanned pages_shared pages_sharing
  pages_skipped pages_to_scan pages_unshared pages_volatile run sleep_millisecs smart_scan stable_node_chains stable_node_dups
  use_zero_pages`.split(/\s+/);

/** Merging of equal pages: settings, and pages merged. */
export default defineSource({
  title: '/sys/kernel/mm/ksm',
  docs: 'https://docs.kernel.org/admin-guide/mm/ksm.html',
  reads: FILES.map((name) => `sys/kernel/mm/ksm/${name}`),
  cadence: 'full',
  schema: map(number(), 'values by name; general_profit is in bytes and may be negative, pages_sharing are pages saved'),
  parseFiles: numbersByName,
});
