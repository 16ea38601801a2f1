import { defineText, oneSample, type TextHost } from '../kind.js';
import { decimal } from '../made/figures.js';
import { countersText, meminfoText } from '../made/files.js';
import { fits } from '../made/fits.js';
import { ELIDED, run } from '../shape.js';

const TITLE = /^\s*Per-node (?:numastat info|system memory usage|process memory usage) \(in MBs\)/;
const PROCESS = /^\s*Per-node process memory usage/;
const NODES = /^\s+node\s?\d{1,4}(?:\s+node\s?\d{1,4}){0,1023}(?:\s+Total)?\s*$/i;
const ROW = /^\s*([A-Za-z_][\w()]{2,30}|\d{1,10} \(.{0,40}\))\s+(\d[\d.,]{0,20}(?:\s+\d[\d.,]{0,20}){0,1023})\s*$/;
const NOISE = /^\s*(?:Token \S+ not in hash table\.|[-=\s]+|PID\s+Node \d.*)$/;
const HITS = /^(?:numa_(?:hit|miss|foreign)|interleave_hit|local_node|other_node)$/;
const MIB = 2 ** 20;
/** Lines of a node's meminfo that mean the same in that of the host: FilePages and MemUsed have no like there. */
const OF_HOST =
  /^(?:MemTotal|MemFree|SwapCached|Active|Inactive|(?:Ina|A)ctive\((?:anon|file)\)|Unevictable|Mlocked|Dirty|Writeback|Mapped|AnonPages|Shmem|KernelStack|PageTables|SecPageTables|NFS_Unstable|Bounce|WritebackTmp|KReclaimable|Slab|SReclaimable|SUnreclaim|AnonHugePages|ShmemHugePages|ShmemPmdMapped|FileHugePages|FilePmdMapped)$/;
const TOTAL = /\sTotal\s*$/;

/** Memory and allocations by NUMA node: plain, -n, -m; -p shows processes by node, which no file of a node tells. */
export default defineText({
  title: 'numastat',
  docs: 'https://man7.org/linux/man-pages/man8/numastat.8.html',
  origin: 'tool',
  hint: /\bnumastat\b/,
  span: (lines, at, hinted) => {
    const first = lines[at] ?? '';
    const titled = fits(TITLE, first);
    if (!titled && !fits(NODES, first) && !(hinted && fits(NOISE, first) && first.trim() !== '')) return 0;
    if (!titled && !lines.slice(at, at + 12).some((line) => fits(ROW, line, 30_000))) return 0;
    const length = run(
      lines,
      at,
      (line, index) => (index === at && titled) || fits(NODES, line) || fits(ROW, line) || (fits(NOISE, line) && line.trim() !== ''),
      {
        elided: true,
        blanks: 1,
      },
    );
    return titled || lines.slice(at, at + length).some((line) => fits(ROW, line)) ? length : 0;
  },
  read: (lines, { pageSize }: TextHost) => {
    const inMiB = lines.some((line) => fits(TITLE, line)) || lines.some((line) => /^\s+Node \d/.test(line));
    if (lines.some((line) => fits(PROCESS, line)) || lines.some((line) => /^\s*PID\s+Node/.test(line))) return [];
    const hits = new Map<number, Record<string, number>>();
    const sizes = new Map<number, Record<string, number>>();
    const host: Record<string, number> = {};
    let nodes: number[] = [];
    let summed = false;
    for (const line of lines) {
      if (fits(ELIDED, line)) continue;
      if (fits(NODES, line)) summed = TOTAL.test(line);
      if (fits(NODES, line)) nodes = [...line.matchAll(/node\s?(\d{1,4})/gi)].map(([, digits]) => Number(digits));
      const [, name = '', figures = ''] = ROW.exec(line) ?? [];
      const isHit = fits(HITS, name.toLowerCase());
      // huge pages are printed as what they hold, and not as counted
      if (name === '' || name.startsWith('HugePages_')) continue;
      for (const [index, word] of figures.trim().split(/\s+/).entries()) {
        const node = nodes[index];
        const value = decimal(word, inMiB);
        if (value === null) continue;
        if (summed && inMiB && !isHit && index === nodes.length && OF_HOST.test(name)) host[name] = value * MIB;
        if (node === undefined) continue;
        const of = isHit ? hits : sizes;
        const key = isHit ? name.toLowerCase() : name;
        of.set(node, { ...of.get(node), [key]: isHit ? (inMiB ? (value * MIB) / pageSize : value) : value * MIB });
      }
    }
    const files = new Map<string, string>();
    for (const [node, values] of hits) files.set(`sys/devices/system/node/node${node}/numastat`, countersText(values) ?? '');
    for (const [node, values] of sizes)
      files.set(`sys/devices/system/node/node${node}/meminfo`, meminfoText(values, `Node ${node} `) ?? '');
    const all = meminfoText(host);
    if (all !== null) files.set('proc/meminfo', all);
    return oneSample(files);
  },
});
