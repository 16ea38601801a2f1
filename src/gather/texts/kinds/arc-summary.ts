import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

/** `ARC size (current): 47.9 % 15.0 GiB`, older `Max Size (High Water): 8:1 31.4 GiB`. */
const SIZE =
  /^\s*(ARC|Target|Min|Max) size ?:?(?: ?\([a-z ]{1,20}\))?:?\s{1,60}(?:[<>]? ?\d[\d.]{0,8} ?%\s{1,60}|\d{1,6}:\d{1,6}\s{1,60})?(\d[\d.]{0,12})\s{1,10}(Bytes|[KMGTP]iB)\s*$/i;
/** Names of arcstats by the first word. */
const FIELDS: Readonly<Record<string, string>> = { arc: 'size', target: 'c', min: 'c_min', max: 'c_max' };

/** The sizes of the cache of ZFS, of the new and the old program. */
export default defineText({
  title: 'arc_summary',
  docs: 'https://openzfs.github.io/openzfs-docs/man/master/1/zarcsummary.1.html',
  origin: 'tool',
  hint: /\barc_?summary\b/,
  span: (lines, at) => (fits(SIZE, lines[at] ?? '') ? run(lines, at, (line) => fits(SIZE, line)) : 0),
  read: (lines) => {
    const rows = lines.flatMap((line) => {
      const [, name = '', figure = '', unit = ''] = SIZE.exec(line) ?? [];
      const [field, bytes] = [FIELDS[name.toLowerCase()], size(`${figure}${unit === 'Bytes' ? 'B' : unit}`)];
      return field === undefined || bytes === null ? [] : [`${field} 4 ${bytes}`];
    });
    return rows.length === 0 ? [] : oneSample(new Map([['proc/spl/kstat/zfs/arcstats', ['name type data', ...rows, ''].join('\n')]]));
  },
});
