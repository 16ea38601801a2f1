import { defineText } from '../kind.js';
import { toldFigures } from '../made/told-figures.js';
import { run } from '../shape.js';

const MEMORY = /^\s*Memory usage:\s+(\d{1,3})%(?=\s|$)/;
const SWAP = /^\s*Swap usage:\s+(\d{1,3})%(?=\s|$)/;
/** What stands beside and between, in one column or two. */
const BESIDE =
  /^\s*(?:System information(?: disabled)? as of|System load:|Usage of \S+:|Users logged in:|Processes:|IPv[46] address for|IP address for|Temperature:|Graph this data)/;

/** What Ubuntu greets with (landscape-sysinfo): how much of memory and swap is used in whole per cent, cache left out. */
export default defineText({
  title: 'login message of Ubuntu (landscape-sysinfo)',
  docs: 'https://manpages.ubuntu.com/manpages/noble/man1/landscape-sysinfo.1.html',
  origin: 'tool',
  hint: /\blandscape-sysinfo\b|\bmotd\b/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => line.length < 300 && (BESIDE.test(line) || MEMORY.test(line) || SWAP.test(line)), {
      blanks: 1,
    });
    return lines.slice(at, at + length).some((line) => MEMORY.test(line)) ? length : 0;
  },
  read: (lines) => {
    const last = (pattern: RegExp): string | undefined => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []).at(-1);
    return toldFigures({ memoryUsed: last(MEMORY), swapUsed: last(SWAP) });
  },
});
