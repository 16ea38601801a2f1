import { defineText, oneSample, type TextSample } from '../kind.js';
import { decimal } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const TITLE = /^\s*-{3,12} [^-].{2,60} -{3,12}\s*$/;
/** /proc/sysvipc/shm itself has more columns, the times among them. */
const HEAD = /^\s*(?!.*\batime\b)(?:\p{L}{2,14}\s{2,})?shmid\s{2,}\p{L}{2,14}\s{2,}\S{3,14}(?:\s+\S{3,14}){1,4}\s*$/u;
const OTHER_HEAD = /^\s*(?=.*\b(?:semid|msqid)\b)\S+\s+\S+\s+\S+.*$/;
const ROW = /^\s*(?:0x[0-9a-f]{8}|\d{1,10})\s+\S+\s+\S+.*$/i;
const STATUS =
  /^\s*(?:segments allocated|pages (?:allocated|resident|swapped)|Swap performance:|used (?:headers|space|arrays)|allocated (?:queues|semaphores))\s/;
const SEGMENT = /^\s*(0x[0-9a-f]{8})\s+(\d{1,10})\s+(\S{1,32})\s+[0-7]{1,4}\s+(\d[\d.,]{0,24})\s+(\d{1,10})(?:\s|$)/i;
const COLUMNS = 'key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime';
/** (uid_t) −1: no user has it. ipcs prints names. */
const UNKNOWN = 2 ** 32 - 1;

/** System V shared memory. Only the usual list tells sizes; -p, -t, -u and the lists of semaphores and queues are passed over. */
export default defineText({
  title: 'ipcs -m',
  docs: 'https://man7.org/linux/man-pages/man1/ipcs.1.html',
  origin: 'tool',
  hint: /\bipcs\b/,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    const begins =
      fits(HEAD, first) || (fits(TITLE, first) && [HEAD, OTHER_HEAD, STATUS].some((shape) => fits(shape, lines[at + 1] ?? '')));
    if (!begins) return 0;
    return run(lines, at, (line) => [TITLE, HEAD, OTHER_HEAD, ROW, STATUS].some((shape) => line.length < 400 && fits(shape, line)), {
      elided: true,
      blanks: 2,
    });
  },
  read: (lines): readonly TextSample[] => {
    let ours = false;
    const rows = lines.flatMap((line) => {
      if (fits(HEAD, line) || fits(OTHER_HEAD, line)) ours = /\bshmid\b/.test(line) && /\bnattch\b/.test(line);
      const match = ours ? SEGMENT.exec(line) : null;
      return match ? [rowOf(match)] : [];
    });
    // a list without a segment says that there is none
    const listed = rows.length > 0 || lines.some((line) => fits(HEAD, line) && /\bnattch\b/.test(line));
    return listed ? oneSample(new Map([['proc/sysvipc/shm', `${[COLUMNS, ...rows].join('\n')}\n`]])) : [];
  },
});

function rowOf([, key = '', id = '', owner = '', bytes = '', attached = '']: readonly string[]): string {
  const uid = owner === 'root' ? 0 : /^\d{1,10}$/.test(owner) ? Number(owner) : UNKNOWN;
  // the kernel prints the key as a signed number
  return [Number.parseInt(key, 16) | 0, id, 600, decimal(bytes) ?? 0, 0, 0, attached, uid, uid, uid, uid, 0, 0, 0].join(' ');
}
