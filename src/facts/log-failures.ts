import { defineFacts, type Entity, Unknown } from './fact.js';
import { atomic, COSTLY, excused, failures, harmful, high, last, untold } from './log-failure-events.js';
import { ageOf, type LogEvent, LOSSY, timesOf, younger } from './log-lines.js';
import type { View } from './view.js';

const DAY = 86_400;
const HOUR = 3600;

/** The task that frees memory, and may use all that is kept back. */
const reclaims = ({ trigger }: LogEvent): boolean => /^k(?:swap|compact)d\d/.test(trigger?.name ?? '');
const modest = (event: LogEvent): boolean => high(event) && (event.order ?? 0) <= COSTLY && !atomic(event);

/** Failed page allocations of the kernel log: how many need care, and what the last one was. */
export default defineFacts({
  'log.failures_harmless': {
    title: 'Failed page allocations that need no action',
    unit: 'count',
    formula: 'page allocation failures whose caller has a way out, and requests to vmalloc for nothing',
    validity: LOSSY,
    value: (view) => timesOf(excused(view)),
  },
  'log.failures_harmful': {
    title: 'Failed page allocations that may need action',
    unit: 'count',
    formula: 'page allocation failures without those that need no action',
    validity: LOSSY,
    value: (view) => timesOf(harmful(view)),
  },
  'log.failure_high_order_day': {
    title: 'Failed allocations of neighbouring pages, within 24 hours',
    unit: 'count',
    formula:
      'page allocation failures of order 1 and more that could wait, or of order 4 and more, that may need action, not older than 86400 s',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, waiting(view), DAY)),
  },
  'log.failure_high_order': {
    title: 'Failed allocations of neighbouring pages',
    unit: 'count',
    formula: 'page allocation failures of order 1 and more that could wait, or of order 4 and more, that may need action',
    validity: LOSSY,
    value: (view) => timesOf(waiting(view)),
  },
  'log.failure_hasty_day': {
    title: 'Failed allocations of neighbouring pages that could not wait, within 24 hours',
    unit: 'count',
    formula: 'page allocation failures of order 1 to 3 with GFP_ATOMIC or GFP_NOWAIT, not older than 86400 s',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, harmful(view).filter(hasty), DAY)),
  },
  'log.failure_hasty_single_day': {
    title: 'Failed allocations of a single page that could not wait, within 24 hours',
    unit: 'count',
    formula: 'page allocation failures of order 0 with GFP_ATOMIC or GFP_NOWAIT, not of kswapd, not older than 86400 s',
    validity: LOSSY,
    value: (view) =>
      timesOf(
        younger(
          view,
          failures(view).filter((event) => event.order === 0 && atomic(event) && !reclaims(event)),
          DAY,
        ),
      ),
  },
  'log.failure_may_use_reserves': {
    title: 'The last failed page allocation was not kept from the reserves',
    unit: 'boolean',
    formula: 'no __GFP_NOMEMALLOC in the mask',
    value: (view) => !/NOMEMALLOC/.test(last(view).gfpMask ?? ''),
  },
  'log.failure_order1to3': {
    title: 'Failed allocations of 2 to 8 neighbouring pages that could wait, within the hour',
    unit: 'count',
    formula: 'page allocation failures of order 1 to 3, not GFP_ATOMIC, not older than 3600 s',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, harmful(view).filter(modest), HOUR)),
  },
  'log.failure_order0_day': {
    title: 'Failed allocations of a single page that could wait, within 24 hours',
    unit: 'count',
    formula: 'page allocation failures of order 0, not GFP_ATOMIC or of the task that frees memory, not older than 86400 s',
    validity: LOSSY,
    value: (view) =>
      timesOf(
        younger(
          view,
          harmful(view).filter((event) => event.order === 0 && (!atomic(event) || reclaims(event))),
          DAY,
        ),
      ),
  },
  'log.failure_age_s': {
    title: 'Time since the last failed page allocation that may need action',
    unit: 's',
    formula: 'uptime (or the end of the log) − its time stamp',
    validity: LOSSY,
    value: (view) => ageOf(view, harmful(view).at(-1)),
  },
  'log.failure_order': {
    title: 'Order of the last failed page allocation',
    unit: 'count',
    formula: 'order: 2^order pages in a row',
    value: (view) => last(view).order ?? orderless(),
  },
  'log.failure_atomic': {
    title: 'The last failed page allocation could not wait',
    unit: 'boolean',
    formula: 'GFP_ATOMIC or GFP_NOWAIT',
    value: (view) => atomic(last(view)),
  },
  'log.failure_subsystem': {
    title: 'Part of the kernel whose allocation failed last',
    unit: 'text',
    formula: 'by the call trace',
    value: (view) => last(view).subsystem ?? untold('no call trace tells which part of the kernel asked'),
  },
  'log.failure_harmless_why': {
    title: 'Why the last failed allocation needs no action',
    unit: 'text',
    formula: 'by order, mask and caller',
    value: (view) => excused(view).at(-1)?.harmless ?? untold('none needs no action'),
  },
  'log.failure_by_kswapd': {
    title: 'The last failed page allocation was that of a task that reclaims',
    unit: 'boolean',
    formula: 'Comm is kswapd or kcompactd',
    value: (view) => reclaims(last(view)),
  },
  'owner.failed_allocator': {
    title: 'The process whose page allocation failed last',
    unit: 'entity',
    formula: 'name before “page allocation failure”',
    value: (view): Entity => {
      const { trigger } = last(view);
      if (!trigger) throw new Unknown('the kernel log does not name it', 'kernel-log');
      return { kind: 'process', name: trigger.name, ...(trigger.pid === null ? {} : { pid: trigger.pid }), bytes: null };
    },
  },
});

/**
 * Of several pages, and not allowed to wait: the caller must be able to go on without. A packet is of such a size; what asks for
 * more has no smaller one to fall back to.
 */
const hasty = (event: LogEvent): boolean => high(event) && (event.order ?? 0) <= COSTLY && atomic(event);
const waiting = (view: View): LogEvent[] => harmful(view).filter((event) => high(event) && !hasty(event));
const orderless = (): never => untold('the kernel log does not tell its order');
