import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

/** `● web.service - Web server`, or what `systemctl show` and a cut paste have of it: nothing. */
const UNIT = /^\s*[●○×*↻x] ([\w@:.\\-]{1,200}\.(?:service|slice|scope))\b/;
/** `     Memory: 1.9G (high: 1.5G max: 2.0G available: 98.1M peak: 2.0G)`, older `Memory: 1.9G (limit: 2.0G)`. */
const MEMORY = /^\s*Memory: (\d[\d.]{0,12}[BKMGTP]?)(?: \(([^()]{1,200})\))?\s*$/;
const FIELD = /^\s*[A-Z][A-Za-z ]{1,24}: \S.{0,400}$|^\s*(?:└─|├─|Drop-In:|TriggeredBy:)/;
const SETTING = /(min|low|high|max|limit|peak|swap|swap max): (\d[\d.]{0,12}[BKMGTP]?)(?=[ ,]|$)/g;
/** Names of files by those of systemd; limit: v1. */
const FILES: Readonly<Record<string, string>> = {
  min: 'memory.min',
  low: 'memory.low',
  high: 'memory.high',
  max: 'memory.max',
  limit: 'memory.max',
  peak: 'memory.peak',
  swap: 'memory.swap.current',
  'swap max': 'memory.swap.max',
};
const MOST = 30;

/** What systemd tells of the memory of a unit: the figures of its cgroup, rounded. */
export default defineText({
  title: 'systemctl status',
  docs: 'https://www.freedesktop.org/software/systemd/man/latest/systemctl.html',
  origin: 'tool',
  hint: /\bsystemctl[\s_]status\b/,
  span: (lines, at) => {
    if (!fits(UNIT, lines[at] ?? '')) return 0;
    const length = run(lines, at, (line, index) => index === at || (index < at + MOST && fits(FIELD, line)));
    return lines.slice(at, at + length).some((line) => fits(MEMORY, line)) ? length : 0;
  },
  read: ([head = '', ...lines]) => {
    const unit = UNIT.exec(head)?.[1];
    const memory = lines.flatMap((line) => (line.length > 400 ? [] : [MEMORY.exec(line)])).find((match) => match !== null);
    const current = size(memory?.[1] ?? '');
    if (unit === undefined || current === null) return [];
    const path = `sys/fs/cgroup/system.slice/${unit}`;
    const settings = [...(memory?.[2] ?? '').matchAll(SETTING)].flatMap(([, name = '', figure = '']) => {
      const [file, bytes] = [FILES[name], size(figure)];
      return file === undefined || bytes === null ? [] : [[`${path}/${file}`, `${bytes}\n`] as const];
    });
    return oneSample(new Map([[`${path}/memory.current`, `${current}\n`], ...settings]));
  },
});
