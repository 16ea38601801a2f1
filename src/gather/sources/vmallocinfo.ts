import { ParseError, quote } from '../../errors.js';
import { bytes, count, list, row, text } from '../../json-schema.js';
import { unsigned } from '../lines.js';
import { eachLine, largest } from '../ranking.js';
import { defineSource } from '../source.js';

const KEPT = 30;
/** A caller and its attributes; what is longer is none of the kernel's. */
const LONGEST = 1000;

/** Who has memory of vmalloc: pages by the function that asked for them. */
export default defineSource({
  title: '/proc/vmallocinfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html#vmallocinfo',
  reads: ['proc/vmallocinfo'],
  cadence: 'last',
  heavy: true,
  limits: { maxBytes: 32 << 20, deadlineMs: 2000 },
  paste: 'sudo cat /proc/vmallocinfo',
  schema: row({
    areas: count('mappings'),
    bytes: bytes('Σ pages × page size'),
    mapped: bytes('address space: with device memory, and one guard page each'),
    callers: list(
      row({
        caller: text('function, and its module; not mapped by a function: vm_map_ram, unpurged vm_area'),
        bytes: bytes(),
        areas: count(),
      }),
      `the ${KEPT} largest`,
    ),
  }),
  parse: (text, { pageSize }) => {
    const callers = new Map<string, { bytes: number; areas: number }>();
    const total = { areas: 0, bytes: 0, mapped: 0 };
    for (const { line, number, whole } of eachLine(text)) {
      const area = parseArea(line, `line ${number}`);
      if (area === null && whole) throw new ParseError(`line ${number}: found ${quote(line)}, expected "0xADDRESS-0xADDRESS SIZE caller"`);
      if (area === null) continue;
      const held = area.pages * pageSize;
      const known = callers.get(area.caller) ?? { bytes: 0, areas: 0 };
      callers.set(area.caller, { bytes: known.bytes + held, areas: known.areas + 1 });
      total.areas += 1;
      total.bytes += held;
      total.mapped += area.size;
    }
    if (total.areas === 0) throw new ParseError('no area in it');
    return {
      ...total,
      callers: largest(
        [...callers].map(([caller, sum]) => ({ caller, ...sum })),
        KEPT,
      ),
    };
  },
});

/** "0x…-0x…   20480 kernel_clone+0xbf/0x430 pages=4 vmalloc N0=4"; null when it is none. */
function parseArea(line: string, where: string): { caller: string; size: number; pages: number } | null {
  const match = /^\s*(?:0x)?[0-9a-f()_ptrval]+-(?:0x)?[0-9a-f()_ptrval]+\s+(\d+)(?:\s+(.*))?$/.exec(line);
  if (!match) return null;
  const size = match[1];
  const rest = (match[2] ?? '').slice(0, LONGEST);
  // the caller ends where the attributes begin; a module follows it: "drm_open+0x10/0x20 [drm]"
  const [, caller = ''] =
    /^(.*?)(?:\s+(?:(?:pages|phys|N\d+)=|(?:ioremap|vmalloc|vmap|user|vpages|dma-coherent|sparse)\b)|$)/.exec(rest) ?? [];
  const pages = /\bpages=(\d+)/.exec(rest)?.[1];
  return {
    caller: caller.replace(/\+0x[0-9a-f]+\/0x[0-9a-f]+/, '').trim() || 'unknown',
    size: unsigned(size, where),
    pages: pages === undefined ? 0 : unsigned(pages, where),
  };
}
