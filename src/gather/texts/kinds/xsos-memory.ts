import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { filesFrom, meminfoText } from '../made/files.js';
import { run } from '../shape.js';

const FIGURE = /^\s*(\d[\d.]{0,12}) ([KMGT]iB) (?:\(\d{1,3}%\) )?([^(]{3,60}?)(?: \(\d{1,3}% of total ram\))?$/;
/** `1.2 GiB (30%) used of 4 GiB total`, below “Swap:”. */
const SWAP = /^\s*(\d[\d.]{0,12}) ([KMGT]iB) \(\d{1,3}%\) used of (\d[\d.]{0,12}) ([KMGT]iB) total$/;
const OTHER =
  /^\s*(?:MEMORY|Stats graphed as percent of MemTotal:|\w{3,10}\s+[▊.#\s]{20,120}\s*\d{1,3}\.\d%|[A-Z][\w /]{1,40}:|No \w.{3,40}|[A-Z]\w.{3,60} not in use.{0,40})\s*$/;

/** The page about memory of xsos, which reads sosreports. */
export default defineText({
  title: 'xsos (MEMORY)',
  docs: 'https://github.com/ryran/xsos',
  origin: 'tool',
  hint: /\bxsos\b/,
  span: (lines, at) => {
    if (!/^\s*(?:MEMORY|RAM:)\s*$/.test(lines[at] ?? '')) return 0;
    const length = run(lines, at, (line) => line.length < 200 && (FIGURE.test(line) || OTHER.test(line)), { blanks: 1 });
    return lines.slice(at, at + length).some((line) => line.endsWith(' total ram')) ? length : 0;
  },
  read: (lines) => {
    const of = (words: string): number | null => {
      const [, digits = '', unit = ''] = lines.map((line) => FIGURE.exec(line)).find((match) => match?.[3] === words) ?? [];
      return digits === '' ? null : size(`${digits}${unit}`);
    };
    const [total, used, bare] = [of('total ram'), of('used'), of('used excluding Buffers/Cached')];
    const [swapUsed, swap] = swapIn(lines);
    const part = (name: string): number | null => of(`of total ram used for ${name}`);
    return oneSample(
      filesFrom({
        'proc/meminfo': meminfoText({
          MemTotal: total,
          MemFree: total === null || used === null ? null : Math.max(0, total - used),
          Cached: used === null || bare === null ? null : Math.max(0, used - bare),
          Dirty: of('dirty'),
          Slab: part('Slab'),
          PageTables: part('PageTables'),
          Shmem: part('Shmem'),
          AnonHugePages: of('allocated to THP'),
          Hugetlb: of('pre-allocated to HugePages'),
          SwapTotal: swap,
          SwapFree: swap === null || swapUsed === null ? null : Math.max(0, swap - swapUsed),
        }),
      }),
    );
  },
});

function swapIn(lines: readonly string[]): [used: number | null, total: number | null] {
  const at = lines.findIndex((line) => /^\s*Swap:$/.test(line));
  const [, used, unit, total, all] = SWAP.exec(at < 0 ? '' : (lines[at + 1] ?? '')) ?? [];
  return used === undefined ? [null, null] : [size(`${used}${unit ?? ''}`), size(`${total ?? ''}${all ?? ''}`)];
}
