import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { meminfoText } from '../made/files.js';
import { run } from '../shape.js';

const LINE =
  /^\s*(?:Dry Run|Swap Used Limit|Default Memory Pressure (?:Limit|Duration)|System Context|(?:Swap|Memory Pressure) Monitored CGroups|Memory|Swap|Path|Swap Usage|Memory Pressure (?:Limit|Duration)|Pressure|Current Memory Usage|Memory Min|Memory Low|Pgscan|Last Pgscan):(?:\s.*)?$/;
const CONTEXT = /^\s*(Memory|Swap): Used: (\d[\d.]{0,12}[BKMGTP]?) Total: (\d[\d.]{0,12}[BKMGTP]?)\s*$/;
const PATH = /^\s*Path: (\/.{0,1000}?)>?\s*$/;
const CURRENT = /^\s*Current Memory Usage: (\d[\d.]{0,12}[BKMGTP]?)\s*$/;

/** What systemd-oomd watches: used is MemTotal less what is available, and what each cgroup that it watches uses. */
export default defineText({
  title: 'oomctl',
  docs: 'https://man7.org/linux/man-pages/man1/oomctl.1.html',
  origin: 'tool',
  hint: /\boomctl\b/,
  span: (lines, at) => {
    if (!/^\s*(?:Dry Run|System Context|Swap Used Limit):/.test(lines[at] ?? '')) return 0;
    const length = run(lines, at, (line) => line.length < 1200 && LINE.test(line));
    return lines.slice(at, at + length).some((line) => CONTEXT.test(line)) ? length : 0;
  },
  read: (lines) => {
    const values: Record<string, number> = {};
    const files = new Map<string, string>();
    let path = '';
    for (const line of lines) {
      const [, name, used, total] = CONTEXT.exec(line) ?? [];
      const [taken, all] = [size(used ?? ''), size(total ?? '')];
      // where there is no such thing both are 0; so they are before the first measurement
      if (taken !== null && all !== null && (all > 0 || name === 'Swap')) {
        values[name === 'Swap' ? 'SwapTotal' : 'MemTotal'] = all;
        values[name === 'Swap' ? 'SwapFree' : 'MemAvailable'] = Math.max(0, all - taken);
      }
      path = PATH.exec(line)?.[1] ?? path;
      const current = size(CURRENT.exec(line)?.[1] ?? '');
      if (path !== '' && path !== '/' && current !== null) files.set(`sys/fs/cgroup${path}/memory.current`, `${current}\n`);
    }
    if (values['MemTotal'] !== undefined) files.set('proc/meminfo', meminfoText(values) ?? '');
    return files.size === 0 ? [] : oneSample(files);
  },
});
