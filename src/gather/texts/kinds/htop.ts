import { defineText, oneSample } from '../kind.js';
import { decimal, unitOf } from '../made/figures.js';
import { filesFrom, meminfoText } from '../made/files.js';
import { run } from '../shape.js';

/** `Mem[||||||7.61G/7.79G]`; older ones `Mem[|||||  1234/7979MB]`. */
const BAR = /\b(Mem|Swp)\s{0,3}\[[^\]\d]{0,300}(\d{1,12}(?:[.,]\d{1,3})?)([KMGT]?)i?B?\/(\d{1,12}(?:[.,]\d{1,3})?)([KMGT])i?B?\s{0,3}\]/g;
/** `  1  [||||    25.3%]` and what stands beside or below the bars. */
const BESIDE = /^\s*(?:\d{1,4}|CPU|Avg|Mem|Swp)\s{0,3}\[|\b(?:Tasks|Load average|Uptime):\s/;
const LOADS = /\bLoad average:\s+(\d{1,5}\.\d\d)\s+(\d{1,5}\.\d\d)\s+(\d{1,5}\.\d\d)/;
const TASKS = /\bTasks:\s+(\d{1,9}), (\d{1,9}) thr\b.{0,20}; (\d{1,9}) running/;

/**
 * The bars above the processes of htop. What is used is told without the buffers and the cache that can be dropped, so the rest
 * is what is available. The processes have the form of those of top.
 */
export default defineText({
  title: 'htop',
  docs: 'https://man7.org/linux/man-pages/man1/htop.1.html',
  origin: 'tool',
  hint: /\bhtop\b/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => line.length < 1000 && BESIDE.test(line), { blanks: 1 });
    return lines.slice(at, at + length).some((line) => memoryIn(line) !== null) ? length : 0;
  },
  read: (lines) => {
    const text = lines.join('\n');
    const loads = LOADS.exec(text);
    const tasks = TASKS.exec(text);
    return oneSample(
      filesFrom({
        'proc/meminfo': memoryIn(text),
        'proc/loadavg': loads && tasks ? `${loads.slice(1, 4).join(' ')} ${tasks[3]}/${Number(tasks[1]) + Number(tasks[2])} 0\n` : null,
      }),
    );
  },
});

function memoryIn(text: string): string | null {
  const values: Record<string, number> = {};
  for (const [, name, digits = '', letter = '', allDigits = '', allLetter = ''] of text.matchAll(BAR)) {
    const all = (decimal(allDigits, true) ?? 0) * (unitOf(allLetter) ?? 1);
    const used = (decimal(digits, true) ?? 0) * (unitOf(letter === '' && Number(digits) !== 0 ? allLetter : letter || 'K') ?? 1);
    if (used > all * 1.01) continue;
    const left = Math.max(0, all - used);
    if (name === 'Swp') Object.assign(values, { SwapTotal: all, SwapFree: left });
    else if (all > 0) Object.assign(values, { MemTotal: all, MemAvailable: left });
  }
  return values['MemTotal'] === undefined ? null : meminfoText(values);
}
