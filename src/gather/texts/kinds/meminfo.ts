import { defineText, oneSample } from '../kind.js';
import { ELIDED, run, ungrouped } from '../shape.js';

/** Names that only meminfo has, or that it shares with no other list of sizes; a line with one of them begins it. */
const KNOWN =
  /^(?:Mem(?:Total|Free|Available|Shared)|Buffers|Cached|Swap(?:Cached|Total|Free)|(?:In)?[Aa]ctive(?:\((?:anon|file)\))?|Inact_\w+|Unevictable|Mlocked|(?:High|Low)(?:Total|Free)|MmapCopy|Z[Ss]wap(?:ped)?|Dirty|Writeback(?:Tmp)?|AnonPages|Mapped|Shmem|K?Reclaimable|Slab|S(?:Unr|R)eclaim(?:able)?|KernelStack|ShadowCallStack|(?:Sec)?PageTables|NFS_Unstable|Bounce|Commit(?:Limit|ted_AS)|Committed_AS|Vmalloc(?:Total|Used|Chunk)|Percpu|EarlyMemtest\w+|HardwareCorrupted|(?:Anon|Shmem|File)HugePages|(?:Shmem|File)PmdMapped|Cma(?:Total|Free)|Unaccepted|Balloon|HugePages_(?:Total|Free|Rsvd|Surp)|Hugepagesize|Hugetlb|DirectMap\w{1,3})$/;
const PAIR =
  /\s*(?:\/?proc\/meminfo:)?([A-Za-z][\w()]{0,40}|\w+\(\w+\)) ?:\s{0,40}(\d[\d,.']{0,26}|\d{1,3}(?: \d{3}){1,5})(?:\s{0,4}([kK]i?[bB])\b)?[,;]?(?=\s|$)/y;
/** The table that 2.4 kernels begin with, in bytes. */
const TABLE = /^\s*(?:total:\s+used:\s+free:|(?:Mem|Swap):\s+\d{1,20}\s+\d{1,20}\s+\d{1,20}(?:\s+\d{1,20}){0,3}\s*$)/;

interface Field {
  readonly name: string;
  readonly digits: string;
  readonly kib: boolean;
}

/** Every `Name: N kB` of a line; empty when anything else is in it. */
function fieldsOf(line: string): Field[] {
  const found: Field[] = [];
  if (line.length > 400 || !line.includes(':')) return found;
  for (let at = 0; line.slice(at).trim() !== '';) {
    PAIR.lastIndex = at;
    const match = PAIR.exec(line);
    const digits = match && ungrouped(match[2] ?? '');
    if (!match || digits === null) return [];
    found.push({ name: match[1] ?? '', digits, kib: match[3] !== undefined });
    at = PAIR.lastIndex;
  }
  return found;
}

const starts = (line: string): boolean => {
  const [first] = fieldsOf(line);
  return first !== undefined && KNOWN.test(first.name) && (first.kib || first.name.startsWith('HugePages_'));
};

/** /proc/meminfo, whole or in part. */
export default defineText({
  title: '/proc/meminfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html#meminfo',
  origin: 'kernel',
  hint: /mem_?info/i,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    const table = /^\s*total:\s+used:\s+free:/.test(first);
    if (!table && !starts(first)) return 0;
    const seen = new Set<string>();
    const length = run(
      lines,
      at,
      (line) => {
        if (TABLE.test(line)) return table && seen.size === 0;
        const fields = fieldsOf(line);
        // a name that comes again is the next reading
        if (fields.length === 0 || fields.some(({ name }) => seen.has(name))) return false;
        for (const { name } of fields) seen.add(name);
        return fields.some(({ name, kib }) => kib || KNOWN.test(name));
      },
      { elided: true },
    );
    return length;
  },
  read: (lines) => {
    const table = lines.filter((line) => TABLE.test(line));
    const fields = lines.filter((line) => !TABLE.test(line) && !ELIDED.test(line)).flatMap(fieldsOf);
    const kept = fields.map(({ name, digits, kib }) => `${`${name}:`.padEnd(16)}${digits.padStart(8)}${kib ? ' kB' : ''}`);
    if (kept.length === 0) kept.push(...fromTable(table));
    return kept.length === 0 ? [] : oneSample(new Map([['proc/meminfo', `${kept.join('\n')}\n`]]));
  },
});

/** The fields that the table alone tells. */
function fromTable(table: readonly string[]): string[] {
  const names: Readonly<Record<string, readonly string[]>> = {
    Mem: ['MemTotal', '', 'MemFree', 'MemShared', 'Buffers', 'Cached'],
    Swap: ['SwapTotal', '', 'SwapFree'],
  };
  return table.flatMap((line) => {
    const [label = '', ...values] = line.trim().split(/[:\s]+/);
    return (names[label] ?? []).flatMap((name, index) =>
      name === '' || values[index] === undefined ? [] : [`${name}: ${Math.floor(Number(values[index]) / 1024)} kB`],
    );
  });
}
