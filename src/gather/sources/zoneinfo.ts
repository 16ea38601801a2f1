import { ParseError, quote } from '../../errors.js';
import { boolean, bytes, count, type Infer, list, row, text } from '../../json-schema.js';
import { lines, unsigned } from '../lines.js';
import { defineSource } from '../source.js';

const zone = row(
  {
    node: count('number of the node'),
    zone: text('DMA, DMA32, Normal, HighMem, Movable, Device'),
    free: bytes(),
    min: bytes('watermark: below it only the kernel’s own emergencies allocate'),
    low: bytes('watermark: below it kswapd wakes'),
    high: bytes('watermark: above it kswapd sleeps'),
    pcp: bytes('on the per-CPU lists, not part of free'),
  },
  {
    boost: bytes('watermark boost of the moment (since 5.0); part of min'),
    spanned: bytes(),
    present: bytes(),
    managed: bytes('in the hands of the page allocator (since 3.9)'),
    protection: list(bytes(), 'lowmem reserve against allocations that could use a higher zone, by that zone'),
    unreclaimable: boolean('reclaim has given up on the node (on the zone before 4.8)'),
  },
);
type Zone = Infer<typeof zone>;

/** Free pages against the watermarks, by zone. */
export default defineSource({
  title: '/proc/zoneinfo',
  docs: 'https://docs.kernel.org/filesystems/proc.html',
  reads: ['proc/zoneinfo'],
  cadence: 'full',
  limits: { maxBytes: 8 << 20, deadlineMs: 2000 },
  paste: 'cat /proc/zoneinfo',
  schema: list(zone, 'in the kernel’s order; zones without memory are listed too'),
  parse: (text, { pageSize }) => {
    const found = blocks(text).map(({ node, name, body }) => parseZone(node, name, body, pageSize));
    if (found.length === 0) throw new ParseError('no line "Node 0, zone Normal"');
    // of a pasted part the last zone is often cut off
    const zones = found.filter((zone) => typeof zone !== 'string');
    if (zones.length === 0) throw new ParseError(found.find((zone) => typeof zone === 'string') ?? '');
    return zones;
  },
});

interface Block {
  readonly node: string;
  readonly name: string;
  readonly body: string[];
}

function blocks(text: string): Block[] {
  const found: Block[] = [];
  for (const [index, line] of lines(text).entries()) {
    const head = /^\s*Node\s+(\d+),\s+zone\s+(\S+)\s*$/.exec(line);
    if (head) found.push({ node: head[1] ?? '', name: head[2] ?? '', body: [] });
    else if (line.trim() !== '' && found.length === 0)
      throw new ParseError(`line ${index + 1}: found ${quote(line)}, expected "Node 0, zone Normal"`);
    else found.at(-1)?.body.push(line);
  }
  return found;
}

const GAUGE = /^\s*(?:pages\s+)?(free|boost|min|low|high|spanned|present|managed)\s+(\d+)\s*$/;

/** A zone, or what it lacks. */
function parseZone(node: string, name: string, body: readonly string[], pageSize: number): Zone | string {
  const where = `node ${node} zone ${name}`;
  const size = (digits: string | undefined, field: string): number => unsigned(digits, `${where}: ${field}`) * pageSize;
  const gauges = new Map<string, number>();
  const rest: Partial<{ protection: number[]; unreclaimable: boolean }> = {};
  let pcp = 0;
  for (const line of body) {
    // "high:" with a colon is the limit of one CPU's list, not the watermark
    const gauge = GAUGE.exec(line);
    if (gauge) gauges.set(gauge[1] ?? '', size(gauge[2], gauge[1] ?? ''));
    const cached = /^\s*(?:cpu:\s*\d+\s+pcp:\s*\d+\s+)?count:\s*(\d+)\s*$/.exec(line);
    if (cached) pcp += size(cached[1], 'count');
    const protection = /^\s*protection:\s*\(([\d,\s]*)\)\s*$/.exec(line);
    if (protection) rest.protection = (protection[1] ?? '').split(',').map((pages) => size(pages.trim(), 'protection'));
    const gaveUp = /^\s*(?:all|node)_unreclaimable:\s*(\d+)\s*$/.exec(line);
    if (gaveUp) rest.unreclaimable = Number(gaveUp[1]) !== 0;
  }
  const [free, min, low, high] = ['free', 'min', 'low', 'high'].map((field) => gauges.get(field));
  if (free === undefined || min === undefined || low === undefined || high === undefined) {
    const lacking = ['free', 'min', 'low', 'high'].find((field) => !gauges.has(field));
    return `${where}: no line "${lacking}"`;
  }
  const optional = [...gauges].filter(([field]) => !['free', 'min', 'low', 'high'].includes(field));
  return {
    node: unsigned(node, where),
    zone: name,
    free,
    min,
    low,
    high,
    pcp,
    ...Object.fromEntries(optional),
    ...rest,
  };
}
