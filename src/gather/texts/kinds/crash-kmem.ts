import { defineText, oneSample } from '../kind.js';
import { meminfoText } from '../made/files.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const HEAD = /^\s*PAGES\s+TOTAL\s+PERCENTAGE\s*$/;
const ROW =
  /^\s*(TOTAL MEM|FREE|USED|SHARED|BUFFERS|CACHED|SLAB|TOTAL (?:HUGE|HIGH|LOW|SWAP)|(?:HUGE|HIGH|LOW|SWAP) (?:FREE|USED)|FREE (?:HIGH|LOW)|COMMIT LIMIT|COMMITTED)\s+(\d{1,15})\s+(0|\d{1,7}(?:\.\d)? (?:bytes|[KMGT]B))\s+(?:-{2,6}|\d{1,4}%(?: of [A-Z ]{3,16})?)\s*$/;
const UNITS: Readonly<Record<string, number>> = { bytes: 0, KB: 1, MB: 2, GB: 3, TB: 4 };
/** Of pages, from 4 KiB on. */
const SIZES = [12, 13, 14, 16, 18].map((bits) => 2 ** bits);

/** kmem -i of crash: the memory of a host at the moment of its dump, in pages and in round figures, which tell the size of a page. */
export default defineText({
  title: 'crash kmem -i',
  docs: 'https://crash-utility.github.io/help_pages/kmem.html',
  origin: 'tool',
  hint: /\bkmem\s{1,4}-i\b/,
  span: (lines, at) => {
    if (!fits(HEAD, lines[at] ?? '')) return 0;
    const length = run(lines, at, (line, index) => index === at || fits(ROW, line), { elided: true, blanks: 1 });
    return length > 2 ? length : 0;
  },
  read: (lines) => {
    const pages = new Map<string, number>();
    let size: number | null = null;
    for (const line of lines) {
      const [, name = '', count = '', rounded = ''] = ROW.exec(line) ?? [];
      if (name === '') continue;
      pages.set(name, Number(count));
      if (name === 'TOTAL MEM') size = sizeOf(Number(count), rounded);
    }
    const of = (name: string): number | undefined => {
      const found = pages.get(name);
      return found === undefined || size === null ? undefined : found * size;
    };
    const text = meminfoText({
      MemTotal: of('TOTAL MEM'),
      MemFree: of('FREE'),
      Buffers: of('BUFFERS'),
      Cached: of('CACHED'),
      Slab: of('SLAB'),
      SwapTotal: of('TOTAL SWAP'),
      SwapFree: of('SWAP FREE'),
      CommitLimit: of('COMMIT LIMIT'),
      Committed_AS: of('COMMITTED'),
    });
    return text === null ? [] : oneSample(new Map([['proc/meminfo', text]]));
  },
});

/** The size of a page under which so many are about this much; null when there is none. */
function sizeOf(count: number, rounded: string): number | null {
  const [value = '', unit = ''] = rounded.split(' ');
  const bytes = Number(value) * 1024 ** (UNITS[unit] ?? 0);
  return SIZES.find((size) => Math.abs(count * size - bytes) < 0.06 * bytes) ?? null;
}
