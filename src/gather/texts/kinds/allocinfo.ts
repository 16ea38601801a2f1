import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { ELIDED, run } from '../shape.js';

/** Bytes (as they are, or by numfmt), calls, file:line, perhaps the module, function. */
const SITE =
  /^\s*(-?\d{1,20}|\d{1,6}(?:\.\d{1,3})?[KMGTkmgt]i?B?)\s+(\d{1,12})\s+([\w./+-]{1,200}\.[ch]:\d{1,6} (?:\[\w{1,60}\] )?func:\w.{0,120})$/;
const HEAD = /^\s*(?:allocinfo - version|#\s{0,8}<size>)/;

/** /proc/allocinfo, or the end of it sorted. */
export default defineText({
  title: '/proc/allocinfo',
  docs: 'https://docs.kernel.org/mm/allocation-profiling.html',
  origin: 'kernel',
  hint: /allocinfo/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => SITE.test(line) || HEAD.test(line), { elided: true });
    return lines.slice(at, at + length).some((line) => SITE.test(line)) ? length : 0;
  },
  read: (lines) => {
    const rows = lines.flatMap((line) => {
      const match = ELIDED.test(line) ? null : SITE.exec(line);
      const bytes = match ? size(match[1] ?? '', 1) : null;
      return match && bytes !== null ? [`${Math.round(bytes)} ${match[2]} ${match[3]}`] : [];
    });
    return oneSample(rows.length === 0 ? new Map() : new Map([['proc/allocinfo', `${rows.join('\n')}\n`]]));
  },
});
