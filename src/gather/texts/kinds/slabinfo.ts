import { defineText } from '../kind.js';
import { fileOf, run, unwrapped } from '../shape.js';

const HEADER = /^\s*(?:slabinfo - version: [12]\.\d|# ?name\s+<active_objs>)/;
/** A wrapped header goes on with more names in angle brackets; statistics have colons between. */
const HEADER_REST = /^\s*(?:[:\w]+ )*<[a-z_]+>(?:\s|$)/;
const MODERN = /^\s*(\S.{0,120}?)(?:\s+\d{1,12}){5}\s*: tunables\b/;
const WHOLE = /: slabdata\s+\d{1,12}\s+\d{1,12}/;
/** 1.x: name, active and all objects, size, active and all slabs, pages; then the limits of SMP, and statistics. */
const OLD = /^\s*[\w-][\w().-]{1,40}(?:\s+\d{1,10}){6}\s*(?::(?:\s+-?\d{1,12}){2}(?:\s*:.{0,200})?)?$/;
const OLD_NAME =
  /^\s*(?:kmem_cache|size-\d+|\w+_cache|\w+_cachep|dentry_\w+|buffer_head|mm_struct|vm_area_struct|filp|signal_act|bdev_cache|\w*inode\w*)\b/;

const REST = /^\s*(?::?\s*)?(?:tunables\s|\d{1,12}\s|: ?slabdata|slabdata\s|:\s|\d{1,12}$)/;

/** /proc/slabinfo, with or without its header. */
export default defineText({
  title: '/proc/slabinfo',
  docs: 'https://man7.org/linux/man-pages/man5/slabinfo.5.html',
  origin: 'kernel',
  hint: /slab_?info/,
  span: (lines, at, hinted) => {
    const first = lines[at] ?? '';
    const headed = HEADER.test(first);
    if (!headed && !MODERN.test(first) && !(OLD.test(first) && (hinted || OLD_NAME.test(first)))) return 0;
    let open = headed;
    const length = run(
      lines,
      at,
      (line) => {
        if (HEADER.test(line)) return line === first || open;
        if (MODERN.test(line)) {
          open = !WHOLE.test(line);
          return true;
        }
        if (open && (REST.test(line) || HEADER_REST.test(line))) {
          if (WHOLE.test(line) || /slabdata\s+\d/.test(line)) open = false;
          return true;
        }
        open = false;
        return OLD.test(line);
      },
      { elided: true },
    );
    return length;
  },
  read: (lines) => {
    const caches = lines.filter((line) => !HEADER.test(line) && !HEADER_REST.test(line));
    const whole = unwrapped(caches, caches.some((line) => MODERN.test(line)) ? MODERN : /^/);
    return fileOf(
      'proc/slabinfo',
      whole.filter((line) => WHOLE.test(line) || OLD.test(line)),
    );
  },
});
