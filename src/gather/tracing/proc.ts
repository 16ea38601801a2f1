import type { Attempt, Engine, Job } from './engine.js';
import type { ProcForm } from './trace.js';

// oxlint-disable-next-line typescript/no-explicit-any -- of any trace
type ProcJob = Job<ProcForm<any, any>>;

/** The last rung: two readings of /proc. */
export const procEngine: Engine<ProcJob> = async (jobs, { host, tree, seconds, signal }) => {
  const before = new Map<string, unknown>();
  const results = new Map<string, Attempt>();
  const started = performance.now();
  for (const { id, form, setting } of jobs)
    try {
      before.set(id, await form.reading(tree, setting));
    } catch (error) {
      results.set(id, { failed: reason(error) });
    }
  await host.pause(Math.max(0, seconds * 1000 - (performance.now() - started)), signal);
  for (const { id, form, setting } of jobs) {
    if (results.has(id)) continue;
    try {
      const after: unknown = await form.reading(tree, setting);
      const elapsed = (performance.now() - started) / 1000;
      results.set(id, { seen: form.read(before.get(id), after, setting), seconds: elapsed, lost: 0, probes: [] });
    } catch (error) {
      results.set(id, { failed: reason(error) });
    }
  }
  return results;
};

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
