import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { filesFrom, meminfoText } from '../made/files.js';
import { run } from '../shape.js';

/** `System RAM: total: 16 GiB available: 15.53 GiB used: 7.9 GiB (50.9%)`; older ones `RAM: total: 15.53 GiB used: …`, `Memory: 3154.7/7890.5MB`. */
const RAM = /\b(?:RAM|Memory):\s/;
const NAMED = /\b(total|available|used):\s+(\d[\d.,]{0,12})\s?([KMGT]i?B)\b/g;
const PAIR = /\bMemory:\s+(\d[\d.,]{0,12})\s?([KMGT]i?B)?\s?\/\s?(\d[\d.,]{0,12})\s?([KMGT]i?B)\b/;

/** The line of inxi about memory. What is used is told without cache, so the rest is what is available. */
export default defineText({
  title: 'inxi',
  docs: 'https://smxi.org/docs/inxi-man.htm',
  origin: 'tool',
  hint: /\binxi\b/,
  span: (lines, at) => {
    if (memoryIn(lines[at] ?? '') !== null) return 1;
    // inxi breaks its lines where the terminal ends
    if (!/^\s*(?:Info:|Memory:|RAM:)/.test(lines[at] ?? '')) return 0;
    const length = run(lines, at, (line, index) => index === at || (index < at + 3 && /^\s{2,}\S/.test(line)));
    return memoryIn(lines.slice(at, at + length).join(' ')) === null ? 0 : length;
  },
  read: (lines) => oneSample(filesFrom({ 'proc/meminfo': memoryIn(lines.join(' ')) })),
});

function memoryIn(text: string): string | null {
  if (text.length > 600 || !RAM.test(text)) return null;
  const pair = PAIR.exec(text);
  const figures = new Map<string, number>();
  if (pair) {
    figures.set('used', size(`${pair[1]}${pair[2] ?? pair[4]}`) ?? Number.NaN);
    figures.set('total', size(`${pair[3]}${pair[4]}`) ?? Number.NaN);
  } else
    for (const [, name = '', digits = '', unit = ''] of text.matchAll(NAMED)) figures.set(name, size(`${digits}${unit}`) ?? Number.NaN);
  const used = figures.get('used');
  // `available` is what the kernel has of what is built in
  const total = figures.get('available') ?? figures.get('total');
  if (used === undefined || total === undefined || !(used > 0 && used <= total)) return null;
  return meminfoText({ MemTotal: total, MemAvailable: total - used });
}
