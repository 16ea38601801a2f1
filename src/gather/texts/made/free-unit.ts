/** In which unit `free` printed figures that have no letter. */

/** Kernels count pages: in KiB every figure is a multiple of this, in MiB and GiB next to none of several. */
const PAGE_KIB = 4;
/** Less memory than this, in KiB, and a Linux with `free` does not run. */
const LEAST_KIB = 16_384;
/** As KiB this would be 1 TiB: then figures in bytes, all of whole pages, are likelier. */
const LARGE = 2 ** 30;
/** As MiB this would be 4 TiB. */
const LARGEST_MIB = 2 ** 22;
/** At most so many MiB in all are likelier GiB, where swap (another clue) is as small. */
const SMALL = 100;

const FLAGS: readonly (readonly [RegExp, number])[] = [
  [/ --bytes| -[a-z]*b/, 1],
  [/ --kilo\b/, 1e3],
  [/ --mega\b/, 1e6],
  [/ --giga\b/, 1e9],
  [/ --tera\b/, 1e12],
  [/ --kibi| -[a-z]*k/, 2 ** 10],
  [/ --mebi| -[a-z]*m/, 2 ** 20],
  [/ --gibi| -[a-z]*g/, 2 ** 30],
  [/ --tebi/, 2 ** 40],
];

/** Bytes of a figure by the options of the command; null when they do not tell. `--si` makes the letters decimal. */
export function unitByOptions(options: string): number | null {
  const found = FLAGS.find(([flag]) => flag.test(options))?.[1];
  if (found === undefined) return null;
  const power = Math.log2(found) / 10;
  return options.includes('--si') && Number.isInteger(power) ? 1000 ** power : found;
}

/**
 * Bytes of a figure by what is plausible. `figures` are those of the row Mem, the total first. KiB when all are whole pages; bytes
 * when all are whole pages in bytes and would be a TiB in KiB; else MiB, or GiB when the total is tiny.
 */
export function unitByFigures(figures: readonly number[]): number {
  const [total = 0] = figures;
  const telling = figures.filter((figure) => figure > 0);
  const inPages = telling.every((figure) => figure % PAGE_KIB === 0);
  if (total >= LARGE && telling.every((figure) => figure % 4096 === 0)) return 1;
  if (total >= LARGEST_MIB || (inPages && total >= LEAST_KIB)) return 1024;
  return total <= SMALL ? 2 ** 30 : 2 ** 20;
}
