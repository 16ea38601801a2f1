import { defineFacts, Unknown } from './fact.js';
import { lxcfsOverMeminfo } from './sums.js';
import type { View } from './view.js';

/** No host has so much memory: a counter below zero, printed as an unsigned number, is far above. */
const WRAPPED = 2 ** 53;
/** Half of what 64 bits hold: no address space or promise comes near, a counter below zero is above. */
const WRAPPED_ANY = 2 ** 62;
/** What a kernel of 32 bits prints for less than nothing, kB: it counts as far as 2^32. It has no more memory than this. */
const WRAPPED_32 = [2 ** 31 * 1024, 2 ** 32 * 1024] as const;
const MOST_32 = 2 ** 36;
/** Sizes of address space and promises, which may be larger than memory. */
const NO_AMOUNTS = /^(Vmalloc(Total|Chunk)|CommitLimit|Committed_AS)$/;
/** How the kernel maps its own memory: nothing is worked out from it, and some kernels let it go below zero. */
const MAPPED = /^DirectMap\w*$/;
/** Amounts that are part of MemTotal, as the kernel alone counts them. */
const PARTS = ['MemFree', 'Mlocked', 'Unevictable'] as const;
/** By this much counters that are read one after the other may disagree. */
const SLACK = 1.02;

/** Figures that cannot be true. Whatever was worked out from them is wrong as well. */
export default defineFacts({
  'acct.impossible_count': {
    title: 'Figures of the kernel that cannot be true',
    unit: 'count',
    formula:
      'fields of /proc/meminfo or nr_* of /proc/vmstat of 2^53 and more (2^62 for sizes of addresses and promises; not DirectMap*), on 32 bits (with LowTotal, up to 64 GiB) of 2^31 to 2^32 kB; MemFree, Mlocked or Unevictable > 1.02 × MemTotal; HugePages_Free, HugePages_Rsvd or HugePages_Surp > HugePages_Total',
    validity: 'not where lxcfs makes up /proc/meminfo',
    value: (view) => impossible(view).length,
  },
  'acct.impossible': {
    title: 'Which figures of the kernel cannot be true',
    unit: 'text',
    formula: 'as acct.impossible_count, by name',
    validity: 'unknown when there is none',
    value: (view) => {
      const found = impossible(view);
      if (found.length === 0) throw new Unknown('no figure is impossible');
      return found.slice(0, 6).join(', ');
    },
  },
});

/** In a container some fields may be those of its host: the kernel maps at least what it has, and not twice as much. */
function isMadeUp(meminfo: Readonly<Record<string, number>>): boolean {
  const mapped = Object.keys(meminfo).filter((name) => name.startsWith('DirectMap'));
  const sum = mapped.reduce((all, name) => all + (meminfo[name] ?? 0), 0);
  return mapped.length > 0 && (sum === 0 || sum > 2 * (meminfo['MemTotal'] ?? Infinity));
}

const isWrapped32 = (bytes: number): boolean => bytes >= WRAPPED_32[0] && bytes < WRAPPED_32[1];

function impossible(view: View): string[] {
  const meminfo = view.maybe(() => view.last('meminfo')) ?? {};
  const vmstat = view.maybe(() => view.last('vmstat')) ?? {};
  if (Object.keys(meminfo).length + Object.keys(vmstat).length === 0) throw new Unknown('neither /proc/meminfo nor /proc/vmstat was read');
  if (view.maybe(() => lxcfsOverMeminfo(view)) === true) throw new Unknown('/proc/meminfo is made up by lxcfs');
  view.used('/proc/meminfo');
  const total = meminfo['MemTotal'] ?? Infinity;
  const pool = meminfo['HugePages_Total'] ?? Infinity;
  const wraps = total <= MOST_32 && meminfo['LowTotal'] !== undefined;
  const parts = isMadeUp(meminfo) ? [] : PARTS;
  const above = (names: readonly string[], most: number): string[] => names.filter((name) => (meminfo[name] ?? 0) > most);
  return [
    ...new Set([
      ...Object.keys(meminfo).filter(
        (name) => !MAPPED.test(name) && (meminfo[name] ?? 0) >= (NO_AMOUNTS.test(name) ? WRAPPED_ANY : WRAPPED),
      ),
      ...Object.keys(meminfo).filter((name) => wraps && !MAPPED.test(name) && !NO_AMOUNTS.test(name) && isWrapped32(meminfo[name] ?? 0)),
      ...Object.keys(vmstat).filter((name) => name.startsWith('nr_') && (vmstat[name] ?? 0) >= WRAPPED),
      ...above(parts, total * SLACK),
      ...above(['HugePages_Free', 'HugePages_Rsvd', 'HugePages_Surp'], pool),
    ]),
  ];
}
