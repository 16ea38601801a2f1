import { defineText, oneSample } from '../kind.js';
import { fits } from '../made/fits.js';
import { meminfoText } from '../made/files.js';
import { run } from '../shape.js';

const FIRST = /^\s*available: \d{1,5} nodes? \([\d,-]{1,200}\)\s*$/;
const SIZE = /^\s*node (\d{1,5}) (size|free): (\d{1,12}) MB\s*$/;
const CPUS = /^\s*node (\d{1,5}) cpus:((?: \d{1,5}){0,8192})\s*$/;
const DISTANCES = /^\s*node distances:\s*$/;
const HEAD = /^\s*node(?:\s+\d{1,5}){1,1024}\s*$/;
const DISTANCE = /^\s*(\d{1,5}):((?:\s+\d{1,4}){1,1024})\s*$/;
const POLICY = /^\s*(?:policy: \w|preferred node: |physcpubind:|cpubind:|nodebind:|membind:|preferred:|No NUMA support)/;
const LONGEST = 60_000;

/** NUMA nodes: size, free memory, CPUs and distances. `numactl --show` tells the policy of a shell only. */
export default defineText({
  title: 'numactl --hardware',
  docs: 'https://man7.org/linux/man-pages/man8/numactl.8.html',
  origin: 'tool',
  hint: /\bnumactl\b/,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    if (fits(POLICY, first)) return run(lines, at, (line) => fits(POLICY, line, LONGEST));
    if (!fits(FIRST, first)) return 0;
    return run(lines, at, (line) => [FIRST, SIZE, CPUS, DISTANCES, HEAD, DISTANCE].some((shape) => fits(shape, line, LONGEST)));
  },
  read: (lines) => {
    const sizes = new Map<string, { MemTotal?: number; MemFree?: number }>();
    const files = new Map<string, string>();
    for (const line of lines) {
      const [, node = '', what, digits = ''] = SIZE.exec(line) ?? [];
      if (what !== undefined) sizes.set(node, { ...sizes.get(node), [what === 'size' ? 'MemTotal' : 'MemFree']: Number(digits) * 2 ** 20 });
      const cpus = CPUS.exec(line);
      // a node of memory alone has none: as good as no file
      if (cpus?.[2]) files.set(`sys/devices/system/node/node${cpus[1] ?? ''}/cpulist`, `${(cpus[2] ?? '').trim().split(' ').join(',')}\n`);
      const distance = DISTANCE.exec(line);
      if (distance)
        files.set(`sys/devices/system/node/node${distance[1] ?? ''}/distance`, `${(distance[2] ?? '').trim().split(/\s+/).join(' ')}\n`);
    }
    for (const [node, values] of sizes)
      files.set(`sys/devices/system/node/node${node}/meminfo`, meminfoText(values, `Node ${node} `) ?? '');
    // of the host, where every node tells both
    const all = [...sizes.values()];
    const sum = (name: 'MemTotal' | 'MemFree'): number => all.reduce((total, values) => total + (values[name] ?? 0), 0);
    if (sum('MemTotal') > 0 && all.every((values) => values.MemTotal !== undefined && values.MemFree !== undefined))
      files.set('proc/meminfo', meminfoText({ MemTotal: sum('MemTotal'), MemFree: sum('MemFree') }) ?? '');
    return oneSample(files);
  },
});
