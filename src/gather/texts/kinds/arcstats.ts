import { defineText } from '../kind.js';
import { fileOf } from '../shape.js';

const KSTAT = /^\s*\d{1,6} \d{1,6} 0x[0-9a-f]{1,8} \d{1,6} \d{1,9} \d{1,20} \d{1,20}\s*$/;
const HEAD = /^\s*name\s+type\s+data\s*$/;
const ROW = /^\s*[a-z][\w.]{0,60}\s+[1-9]\s+-?\d{1,20}\s*$/;
/** Rows that no other kstat has: `grep` leaves the head out. */
const OWN = /^\s*(?:c_max|c_min|arc_meta_used|arc_no_grow|mfu_size|mru_size|memory_throttle_count|anon_size)\s+[1-9]\s/;

/** The counters of the cache of ZFS, whole or what `grep` left of them. */
export default defineText({
  title: '/proc/spl/kstat/zfs/arcstats',
  docs: 'https://openzfs.github.io/openzfs-docs/man/master/4/zfs.4.html',
  origin: 'kernel',
  hint: /arcstats/,
  span: (lines, at, hinted) => {
    let end = at;
    if (KSTAT.test(lines[end] ?? '')) end += 1;
    if (HEAD.test(lines[end] ?? '')) end += 1;
    const first = end;
    while (ROW.test(lines[end] ?? '')) end += 1;
    if (end === first) return 0;
    return hinted || lines.slice(first, end).some((line) => OWN.test(line)) ? end - at : 0;
  },
  read: (lines) => fileOf('proc/spl/kstat/zfs/arcstats', ['name type data', ...lines.filter((line) => ROW.test(line))]),
});
