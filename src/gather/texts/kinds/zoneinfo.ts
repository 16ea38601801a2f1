import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const HEAD = /^\s*Node\s+\d{1,5},\s+zone\s+\S{1,20}$/;
const BODY =
  /^\s*(?:per-node stats$|pages free\s|pagesets$|(?:cpu|count|high|batch|vm stats threshold|high_min|high_max): ?|(?:boost|min|low|high|promo|spanned|present|managed|cma|scanned|free)\s+\d|protection: ?\(|nr_[a-z]|numa_[a-z]|workingset_|pg[a-z]|node_unreclaimable|all_unreclaimable|start_pfn|inactive_ratio|prev_priority|temp_priority|node_inactive_ratio|(?:high|batch):|cpu: \d|compact_|thp_|balloon_)/;
/** The rest of a line with protection: (…), and counters whose names are to come. */
const LOOSE = /^\s*(?:[\d\s,]{1,200}\)?|[a-z][a-z0-9_]{2,50}\s+\d{1,20})$/;

/** /proc/zoneinfo. */
export default defineText({
  title: '/proc/zoneinfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html',
  origin: 'kernel',
  hint: /zone_?info/,
  span: (lines, at) => {
    if (!HEAD.test(lines[at] ?? '') || !BODY.test(lines[at + 1] ?? '')) return 0;
    return run(lines, at, (line) => HEAD.test(line) || BODY.test(line) || LOOSE.test(line), { elided: true, blanks: 1 });
  },
  read: (lines) => fileOf('proc/zoneinfo', lines),
});
