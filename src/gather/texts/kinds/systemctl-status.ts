import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

/** `● web.service - Web server`; the mark may be lost on the way. */
const UNIT = /^\s*(?:[●○×*↻x] ([\w@:.\\-]{1,200}\.(?:service|slice|scope))\b|([\w@:.\\-]{1,200}\.(?:service|slice|scope)) - \S)/;
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
/** systemd, src/core/service.c (SERVICE_FAILURE_OOM_KILL): oom_kill of the events of its cgroup rose, at a limit or for the host. */
const KILLED = /^\s*Active: .{1,80}\(Result: oom-kill\)/;
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
    return lines.slice(at, at + length).some((line) => fits(MEMORY, line) || fits(KILLED, line)) ? length : 0;
  },
  read: ([head = '', ...lines]) => {
    const named = UNIT.exec(head);
    const unit = named?.[1] ?? named?.[2];
    const memory = lines.flatMap((line) => (line.length > 400 ? [] : [MEMORY.exec(line)])).find((match) => match !== null);
    const current = size(memory?.[1] ?? '');
    const killed = lines.some((line) => fits(KILLED, line));
    if (unit === undefined || (current === null && !killed)) return [];
    const path = `sys/fs/cgroup/system.slice/${unit}`;
    const settings = [...(memory?.[2] ?? '').matchAll(SETTING)].flatMap(([, name = '', figure = '']) => {
      const [file, bytes] = [FILES[name], size(figure)];
      return file === undefined || bytes === null ? [] : [[`${path}/${file}`, `${bytes}\n`] as const];
    });
    const usage = current === null ? [] : [[`${path}/memory.current`, `${current}\n`] as const];
    const events = killed ? [[`${path}/memory.events`, 'oom_kill 1\n'] as const] : [];
    return oneSample(new Map([...usage, ...events, ...settings]));
  },
});
