/** The failed and stalled page allocations of the kernel log, by how much they matter. */
import { Unknown } from './fact.js';
import { eventsOf, inHaste, type LogEvent } from './log-lines.js';
import type { View } from './view.js';

/** PAGE_ALLOC_COSTLY_ORDER of include/linux/mmzone.h: above it the kernel gives up early, and callers must have a way out. */
export const COSTLY = 3;

export const high = ({ order }: LogEvent): boolean => (order ?? 0) > 0;
export const atomic = ({ gfpMask }: LogEvent): boolean => inHaste(gfpMask);

/** All of them, in the order of the log. */
export const failures = (view: View): LogEvent[] => eventsOf(view, 'allocation-failure');
/** Those whose caller may have no way out. */
export const harmful = (view: View): LogEvent[] => failures(view).filter(({ harmless }) => harmless === undefined);

/** Those that need no action: their caller has a way out, or asked for nothing. */
export const excused = (view: View): LogEvent[] =>
  eventsOf(view, 'allocation-failure', 'vmalloc-failure').filter(({ harmless }) => harmless !== undefined);

/** The last that may need action, or else the last. @throws Unknown when there is none */
export const last = (view: View): LogEvent =>
  harmful(view).at(-1) ?? failures(view).at(-1) ?? untold('the kernel log holds no failed allocation');

/** @throws Unknown with this reason */
export function untold(reason: string): never {
  throw new Unknown(reason);
}
