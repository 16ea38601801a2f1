import type { AnyForm, AnyTrace, Rates } from './trace.js';

/** Two readings of /proc/vmstat with the seconds between them. */
export interface VmstatPair {
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly cpus: number;
}

/** A trace may take so much of all CPU time. */
const MOST_SHARE = 0.02;
/** Sampled events: at most so many a second. */
const MOST_SAMPLES = 2000;
/** The catalogue of costs knows of 0.2–1 µs with aggregation in the kernel. */
const USUAL_COST = 1;

/** Rates of counters; their sum when several are named, of those that the kernel has. */
export const ratesOf = ({ before, after, seconds, cpus }: VmstatPair): Rates => ({
  cpus: Math.max(1, cpus),
  perSecond: (...counters) => {
    const found = counters.flatMap((name) => {
      const [a, b] = [before[name], after[name]];
      return a === undefined || b === undefined ? [] : [Math.max(0, b - a)];
    });
    return found.length === 0 || !(seconds > 0) ? null : found.reduce((sum, rise) => sum + rise, 0) / seconds;
  },
});

/**
 * Whether the events of a trace come too fast: one event in how many is to be taken, or why none. Without rates a trace that sees a
 * rate of its own at all is not run: nobody knows what it would cost.
 */
export function admitted(trace: AnyTrace, rates: Rates | null): { period: number } | { refused: string } {
  if (!trace.rate) return { period: 1 };
  const rate = rates === null ? null : trace.rate(rates);
  if (rates === null || rate === null)
    return trace.samples === true
      ? { period: Math.max(MOST_SAMPLES, trace.leastPeriod ?? 1) }
      : { refused: 'the rate of its events could not be measured before' };
  if (trace.samples === true) return { period: Math.max(trace.leastPeriod ?? 1, Math.ceil(rate / MOST_SAMPLES)) };
  const dear = beyond(rate, trace.cost, rates);
  return dear === null ? { period: 1 } : { refused: dear };
}

/** Why this form would cost too much, where it sees other events than its trace, or all of them; null when nothing is against it. */
export function tooDear({ rate, cost }: AnyForm, rates: Rates | null): string | null {
  if (!rate) return null;
  const seen = rates === null ? null : rate(rates);
  if (rates === null || seen === null) return 'the rate of its events could not be measured before';
  return beyond(seen, cost, rates);
}

function beyond(rate: number, cost: number | undefined, { cpus }: Rates): string | null {
  const share = (rate * (cost ?? USUAL_COST)) / 1e6 / cpus;
  if (share <= MOST_SHARE) return null;
  return `about ${Math.round(rate).toLocaleString('en')} events a second would cost some ${(100 * share).toFixed(0)} % of all CPU time; the bound is ${100 * MOST_SHARE} %`;
}
