/** Costly to find, so the kernel and drivers ask for them in hope only: PAGE_ALLOC_COSTLY_ORDER (include/linux/mmzone.h). */
const COSTLY_ORDER = 3;
/** ___GFP_NORETRY in every kernel that prints the mask without names (2.6.16 to 4.5, include/linux/gfp.h). */
const NORETRY = 0x1000;

/** Each reason follows from the line alone. */
const REASONS: readonly { readonly why: string; readonly applies: (order: number, mask: string, name: string) => boolean }[] = [
  {
    // mm/khugepaged.c: collapse_huge_page() leaves the small pages as they are
    why: 'khugepaged only tries to make a huge page; the small pages stay in use when it finds no block',
    applies: (order, _, name) => name === 'khugepaged' && order > COSTLY_ORDER,
  },
  {
    // mm/memory.c, mm/huge_memory.c: THP_FAULT_FALLBACK
    why: 'a transparent huge page is asked for in hope; the fault goes on with small pages',
    applies: (order, mask) => /\bGFP_TRANSHUGE/.test(mask) && order > COSTLY_ORDER,
  },
  {
    // include/linux/gfp_types.h: “suitable when failure can easily be handled at small cost”
    why: 'a large block asked for in hope: the caller set __GFP_NORETRY and goes on with smaller ones',
    applies: (order, mask) => order > COSTLY_ORDER && noRetry(mask),
  },
];

/** Why a failed or slow allocation needs no action; null: it may. Only what the line itself proves. */
export function harmlessAllocation(order: number, mask: string, name: string): string | null {
  return REASONS.find(({ applies }) => applies(order, mask, name))?.why ?? null;
}

function noRetry(mask: string): boolean {
  if (mask.includes('(')) return /\b__GFP_NORETRY\b/.test(mask);
  return (Number.parseInt(mask, 16) & NORETRY) !== 0;
}
