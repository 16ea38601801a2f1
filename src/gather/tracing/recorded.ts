import { InputError, quote } from '../../errors.js';
import { validateSnapshot } from '../../validators.js';
import { SNAPSHOT_VERSION, type Snapshot } from '../snapshot.js';

/** The file of raw evidence that holds what traces have seen, as it stands in the snapshot. */
export const TRACES_FILE = 'traces.json';

/** Reads it. @throws InputError naming the file, the place in it, what was found and what is accepted. */
export function parseTraces(text: string, file: string): NonNullable<Snapshot['traces']> {
  let traces: unknown;
  try {
    traces = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: is no JSON: ${quote(error instanceof Error ? error.message : String(error))}`);
  }
  const whole = {
    format: 'memdoctor-snapshot',
    schemaVersion: SNAPSHOT_VERSION,
    memdoctorVersion: '',
    subject: { hostname: null, kernel: null, arch: null, capturedAt: null, origin: 'live', pageSize: 4096, clockTicks: 100 },
    samples: [{ time: null, monotonic: 0, sources: {} }],
    sources: {},
    traces,
  };
  const [problem] = validateSnapshot(whole);
  if (problem) throw new InputError(`${file}: ${problem.path}: found ${problem.found}, accepted is ${problem.message}`);
  return traces as NonNullable<Snapshot['traces']>;
}
