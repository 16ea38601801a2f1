type Bits = readonly (readonly [bit: number, name: string])[];

/** The bits that no kernel has moved. */
const ZONE_BITS: Bits = [
  [0x01, '__GFP_DMA'],
  [0x02, '__GFP_HIGHMEM'],
  [0x04, '__GFP_DMA32'],
];
/** From 2.6 to 4.20; COLD went in 4.15. */
const OLD_BITS: Bits = [
  ...ZONE_BITS,
  [0x20, '__GFP_HIGH'],
  [0x40, '__GFP_IO'],
  [0x80, '__GFP_FS'],
  [0x100, '__GFP_COLD'],
  [0x200, '__GFP_NOWARN'],
  [0x400, '__GFP_REPEAT'],
  [0x800, '__GFP_NOFAIL'],
  [0x1000, '__GFP_NORETRY'],
  [0x2000, '__GFP_MEMALLOC'],
  [0x4000, '__GFP_COMP'],
  [0x8000, '__GFP_ZERO'],
  [0x10000, '__GFP_NOMEMALLOC'],
  [0x20000, '__GFP_HARDWALL'],
  [0x40000, '__GFP_THISNODE'],
];
/** 4.4 to 4.20: __GFP_WAIT became two bits. */
const SPLIT_BITS: Bits = [
  ...OLD_BITS,
  [0x08, '__GFP_MOVABLE'],
  [0x10, '__GFP_RECLAIMABLE'],
  [0x80000, '__GFP_ATOMIC'],
  [0x100000, '__GFP_ACCOUNT'],
];
const KERNEL = ['__GFP_RECLAIM', '__GFP_IO', '__GFP_FS'];
const USER = [...KERNEL, '__GFP_HARDWALL'];

/** The kernels of an era have one meaning for every bit: include/linux/gfp.h, later gfp_types.h. */
interface Era {
  /** The first release: 4.18 is 4018, 2.6.32 is 2632. */
  readonly from: number;
  readonly bits: Bits;
  readonly atomic: readonly string[];
}

const ERAS: readonly Era[] = [
  {
    from: 0,
    atomic: ['__GFP_HIGH'],
    bits: [...OLD_BITS, [0x10, '__GFP_RECLAIM'], [0x80000, '__GFP_RECLAIMABLE'], [0x100000, '__GFP_MOVABLE']],
  },
  {
    from: 2630,
    atomic: ['__GFP_HIGH'],
    bits: [
      ...OLD_BITS,
      [0x08, '__GFP_MOVABLE'],
      [0x10, '__GFP_RECLAIM'],
      [0x80000, '__GFP_RECLAIMABLE'],
      [0x100000, '__GFP_KMEMCG'],
      [0x200000, '__GFP_NOTRACK'],
      [0x400000, '__GFP_NO_KSWAPD'],
      [0x800000, '__GFP_OTHER_NODE'],
      [0x1000000, '__GFP_WRITE'],
    ],
  },
  {
    from: 4004,
    atomic: ['__GFP_HIGH', '__GFP_ATOMIC', '__GFP_KSWAPD_RECLAIM'],
    bits: [
      ...SPLIT_BITS,
      [0x200000, '__GFP_NOTRACK'],
      [0x400000, '__GFP_DIRECT_RECLAIM'],
      [0x800000, '__GFP_OTHER_NODE'],
      [0x1000000, '__GFP_WRITE'],
      [0x2000000, '__GFP_KSWAPD_RECLAIM'],
    ],
  },
  {
    from: 4010,
    atomic: ['__GFP_HIGH', '__GFP_ATOMIC', '__GFP_KSWAPD_RECLAIM'],
    bits: [
      ...SPLIT_BITS,
      [0x200000, '__GFP_NOTRACK'],
      [0x400000, '__GFP_DIRECT_RECLAIM'],
      [0x800000, '__GFP_WRITE'],
      [0x1000000, '__GFP_KSWAPD_RECLAIM'],
    ],
  },
  {
    from: 4018,
    atomic: ['__GFP_HIGH', '__GFP_ATOMIC', '__GFP_KSWAPD_RECLAIM'],
    bits: [...SPLIT_BITS, [0x200000, '__GFP_DIRECT_RECLAIM'], [0x400000, '__GFP_KSWAPD_RECLAIM'], [0x800000, '__GFP_WRITE']],
  },
  { from: 5000, atomic: ['__GFP_HIGH', '__GFP_ATOMIC', '__GFP_KSWAPD_RECLAIM'], bits: modernBits([[0x200, '__GFP_ATOMIC']]) },
  { from: 6004, atomic: ['__GFP_HIGH', '__GFP_KSWAPD_RECLAIM'], bits: modernBits([]) },
];

function modernBits(more: Bits): Bits {
  return [
    ...ZONE_BITS,
    [0x08, '__GFP_MOVABLE'],
    [0x10, '__GFP_RECLAIMABLE'],
    [0x20, '__GFP_HIGH'],
    [0x40, '__GFP_IO'],
    [0x80, '__GFP_FS'],
    [0x100, '__GFP_ZERO'],
    ...more,
    [0x400, '__GFP_DIRECT_RECLAIM'],
    [0x800, '__GFP_KSWAPD_RECLAIM'],
    [0x1000, '__GFP_WRITE'],
    [0x2000, '__GFP_NOWARN'],
    [0x4000, '__GFP_RETRY_MAYFAIL'],
    [0x8000, '__GFP_NOFAIL'],
    [0x10000, '__GFP_NORETRY'],
    [0x20000, '__GFP_MEMALLOC'],
    [0x40000, '__GFP_COMP'],
    [0x80000, '__GFP_NOMEMALLOC'],
    [0x100000, '__GFP_HARDWALL'],
    [0x200000, '__GFP_THISNODE'],
    [0x400000, '__GFP_ACCOUNT'],
  ];
}

/**
 * The flags of a printed mask by name. A mask with names keeps them; a bare number is decoded by the bits of the release.
 * Without a release, a mask that the eras without names (before 4.6) read differently stays undecoded.
 *
 * @param mayReclaim the allocation could wait and start I/O: nobody else invokes the OOM killer, so an era in which the
 *   mask lacks that is not meant
 */
export function gfpFlags(printed: string, release: string | undefined, mayReclaim: boolean): string[] | undefined {
  const named = /\(([^)]{1,300})\)?$/.exec(printed)?.[1];
  if (named !== undefined) return named.split('|');
  const mask = Number(/^0x[0-9a-f]{1,12}/.exec(printed)?.[0] ?? NaN);
  if (!Number.isFinite(mask) || mask === 0 || printed.includes('(')) return undefined;
  const version = release === undefined ? undefined : versionOf(release);
  if (version !== undefined) return flagsOf(mask, ERAS.findLast((era) => era.from <= version) ?? ERAS[0]!);
  const readings = ERAS.filter((era) => era.from < 4010)
    .map((era) => flagsOf(mask, era))
    .filter((flags) => !mayReclaim || flags?.some((flag) => /^GFP_(?:KERNEL|USER|HIGHUSER)|^__GFP_RECLAIM$/.test(flag)));
  const [first] = readings;
  return first !== undefined && readings.every((flags) => flags?.join() === first.join()) ? first : undefined;
}

/** Compound names first, as the kernel prints them; undefined when a bit has no name in the era. */
function flagsOf(mask: number, era: Era): string[] | undefined {
  const left = new Set<string>();
  let rest = mask;
  for (const [bit, name] of era.bits) {
    if (Math.floor(mask / bit) % 2 !== 1) continue;
    left.add(name);
    rest -= bit;
  }
  if (rest !== 0) return undefined;
  if (left.has('__GFP_DIRECT_RECLAIM') && left.has('__GFP_KSWAPD_RECLAIM')) {
    left.delete('__GFP_DIRECT_RECLAIM');
    left.delete('__GFP_KSWAPD_RECLAIM');
    left.add('__GFP_RECLAIM');
  }
  const compounds: readonly (readonly [string, readonly string[]])[] = [
    ['GFP_HIGHUSER_MOVABLE', [...USER, '__GFP_HIGHMEM', '__GFP_MOVABLE']],
    ['GFP_HIGHUSER', [...USER, '__GFP_HIGHMEM']],
    ['GFP_USER', USER],
    ['GFP_KERNEL_ACCOUNT', [...KERNEL, '__GFP_ACCOUNT']],
    ['GFP_TEMPORARY', era.from < 4018 ? [...KERNEL, '__GFP_RECLAIMABLE'] : []],
    ['GFP_KERNEL', KERNEL],
    ['GFP_NOFS', ['__GFP_RECLAIM', '__GFP_IO']],
    ['GFP_ATOMIC', era.atomic],
    ['GFP_NOIO', ['__GFP_RECLAIM']],
    ['GFP_NOWAIT', ['__GFP_KSWAPD_RECLAIM']],
  ];
  const compound = compounds.find(([, parts]) => parts.length > 0 && parts.every((part) => left.has(part)));
  for (const part of compound?.[1] ?? []) left.delete(part);
  return [...(compound ? [compound[0]] : []), ...left];
}

/** 2.6.32 → 2632, 4.18.0-553 → 4018. */
function versionOf(release: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?/.exec(release);
  if (!match) return undefined;
  const [major, minor, patch] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  return major === 2 ? 2000 + minor * 100 + patch : major * 1000 + minor;
}
