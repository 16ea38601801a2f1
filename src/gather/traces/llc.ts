import { count, nullable, number, row, text } from '../../json-schema.js';
import type { BpfOutput } from '../tracing/bpftrace-output.js';
import { type BpfForm, defineTrace, type Setting } from '../tracing/trace.js';

/** One sample stands for so many events. */
const REFERENCES = 1_000_000;
const MISSES = 100_000;
/** With fewer samples of references a share is chance. */
const LEAST_SAMPLES = 100;

interface Row {
  comm: string;
  references: number;
  misses: number;
  hitPct: number | null;
}

/** Who goes past the caches of the CPU. */
export default defineTrace({
  title: 'Last-level cache of the CPU',
  answers: 'Which programs use the memory bus most, and how often does the cache spare them?',
  docs: 'https://man7.org/linux/man-pages/man2/perf_event_open.2.html',
  tools: ['llcstat'],
  byDefault: false,
  row: row({
    comm: text(),
    references: count('of the last-level cache, by samples of a million'),
    misses: count('by samples of a hundred thousand'),
    hitPct: nullable(number(`null: fewer than ${LEAST_SAMPLES} samples, or more misses than references`)),
  }),
  order: ({ references, misses }) => Math.max(references, misses),
  // without counters in hardware, as in most virtual machines, the kernel does not list these events
  forms: [
    ...['cpu', 'cpu_core'].map((pmu): BpfForm<Row> => ({
      backend: 'hardware',
      needs: [`file:sys/bus/event_source/devices/${pmu}/events/cache-references`],
      program,
      read,
    })),
    {
      backend: 'perf-stat',
      needs: [],
      loss: 'counted for the whole host, not by program',
      events: () => ['cache-references', 'cache-misses'],
      read: (counts) => {
        const [references, misses] = [counts.get('cache-references') ?? 0, counts.get('cache-misses') ?? 0];
        const share = hits(references, misses, references);
        return { rows: [], totals: { references, misses, ...(share === null ? {} : { hitPct: share }) } };
      },
    },
  ],
});

function program({ pid }: Setting): string {
  const own = pid === null ? '' : ` /pid == ${pid}/`;
  return `hardware:cache-references:${REFERENCES}${own} { @llc_references[comm] = count(); }
hardware:cache-misses:${MISSES}${own} { @llc_misses[comm] = count(); }`;
}

function read(output: BpfOutput): { rows: Row[] } {
  const of = (what: string) => new Map((output.maps.get(`llc_${what}`) ?? []).map(({ key, value }) => [key, value]));
  const [asked, missed] = [of('references'), of('misses')];
  return {
    rows: [...new Set([...asked.keys(), ...missed.keys()])].map((comm) => {
      const samples = asked.get(comm) ?? 0;
      const [references, misses] = [samples * REFERENCES, (missed.get(comm) ?? 0) * MISSES];
      return { comm, references, misses, hitPct: hits(references, misses, samples) };
    }),
  };
}

const hits = (references: number, misses: number, samples: number): number | null =>
  samples < LEAST_SAMPLES || misses > references ? null : (100 * (references - misses)) / references;
