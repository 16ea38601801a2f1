import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { run, unwrapped } from '../shape.js';

const ROW =
  /^\s*(\S.{0,200}?)\s+(?:([a-z][\w.]{1,20})\s+)?(\d[\d.,]{0,20}[KMGTPE]?i?B?)\s+(\d[\d.,]{0,20}[KMGTPE]?i?B?)\s+(-?\d[\d.,]{0,20}[KMGTPE]?i?B?)\s+(?:\d{1,3}%|-)\s+(\/.{0,400})$/;
const HEAD = /^\s*\S.{0,30}?\s+(?:\S{2,12}\s+)?(?:(\d{1,7})([KMG]?)B?-\S{1,12}|\S{3,12})\s+\S.{4,120}(?:%|Capacity).{1,40}$/;
const INODES = /\b(?:Inodes|I-Nodes|IUse|inodos|ИСПОЛ)/i;
/** A device that was too long for its column stands on a line of its own. */
const WRAPPED = /^\/\S{12,300}$/;
/** By the name that is given in place of a device, when the type is not printed. */
const TYPES: Readonly<Record<string, string>> = {
  tmpfs: 'tmpfs',
  shm: 'tmpfs',
  devtmpfs: 'devtmpfs',
  udev: 'devtmpfs',
  run: 'tmpfs',
  dev: 'devtmpfs',
};

/** File systems with their sizes; those whose files are memory are kept. */
export default defineText({
  title: 'df',
  docs: 'https://man7.org/linux/man-pages/man1/df.1.html',
  origin: 'tool',
  hint: /\bdf\b/,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    const headed = isHead(first) && [1, 2].some((next) => fits(ROW, rest(lines, at + next)));
    if (!headed && !(fits(ROW, first) && fits(ROW, lines[at + 1] ?? ''))) return 0;
    return run(
      lines,
      at,
      (line, index) => (index === at && headed) || fits(ROW, line) || fits(WRAPPED, line) || fits(WRAPPED, lines[index - 1] ?? ''),
      { elided: true },
    );
  },
  read: (lines) => {
    const head = lines.find((line) => isHead(line) && !fits(ROW, line)) ?? '';
    if (fits(INODES, head)) return [];
    const [, count = '1', letter = 'K'] = HEAD.exec(head)?.[1] === undefined ? [] : (HEAD.exec(head) ?? []);
    const unit = Number(count) * 1024 ** ' KMG'.indexOf(letter === '' ? ' ' : letter);
    const rows = unwrapped(lines, /^\s*\S+\s+\S|^\/\S+$/).map((line) => line.trim());
    const joined = rows.map((line, index) => (fits(WRAPPED, rows[index - 1] ?? '') ? `${rows[index - 1] ?? ''} ${line}` : line));
    const mounts = joined.flatMap((line) => mountOf(line, unit) ?? []);
    if (mounts.length === 0) return [];
    const mountinfo = mounts.map(({ type, source, path }, index) => `${index + 21} 1 0:${index + 21} / ${path} rw - ${type} ${source} rw`);
    const statfs = mounts.map(
      ({ type, source, path, blocks, free, available }) => `${source} ${path} ${type} 1024 ${blocks} ${free} ${available} 0 0`,
    );
    return oneSample(
      new Map([
        ['proc/self/mountinfo', `${mountinfo.join('\n')}\n`],
        ['statfs.txt', `${statfs.join('\n')}\n`],
      ]),
    );
  },
});

const isHead = (line: string): boolean => line.length < 200 && fits(HEAD, line) && !fits(ROW, line) && !/^\s*\//.test(line);
const rest = (lines: readonly string[], at: number): string =>
  fits(WRAPPED, lines[at] ?? '') ? `${lines[at] ?? ''} ${(lines[at + 1] ?? '').trim()}` : (lines[at] ?? '');
const escaped = (word: string): string => word.replaceAll('\\', '\\134').replaceAll(' ', '\\040').replaceAll('\t', '\\011');

const kib = (value: number): number => Math.round(value / 1024);

function mountOf(line: string, unit: number) {
  const match = ROW.exec(line);
  if (!match) return null;
  const [, source = '', printed, total = '', used = '', left = '', path = ''] = match;
  const type = printed ?? TYPES[source];
  const [bytes, taken, available] = [size(total, unit), size(used, unit), size(left, unit)];
  if (type === undefined || bytes === null || taken === null || available === null) return null;
  return {
    type,
    source: escaped(source),
    path: escaped(path.trim()),
    blocks: kib(bytes),
    free: kib(Math.max(0, bytes - taken)),
    available: kib(available),
  };
}
