import type { Snapshot } from '../gather/snapshot.js';
import { readingsOf } from './pairs.js';
import type { Report } from './report.js';

/** Which host it is, and how it was watched. */
export function subjectOf(snapshot: Snapshot): Report['subject'] {
  const { subject, samples } = snapshot;
  const environment = readingsOf(snapshot, 'environment').at(-1)?.data;
  const release = readingsOf(snapshot, 'os-release').at(-1)?.data;
  return {
    hostname: subject.hostname,
    kernel: subject.kernel ?? readingsOf(snapshot, 'version').at(-1)?.data.release ?? null,
    arch: subject.arch,
    distribution: release?.['PRETTY_NAME'] ?? release?.['NAME'] ?? null,
    capturedAt: subject.capturedAt,
    durationSeconds: (samples.at(-1)?.monotonic ?? 0) - (samples[0]?.monotonic ?? 0),
    samples: samples.length,
    origin: subject.origin,
    virtualization: environment?.hypervisor ?? null,
    container: environment?.container ?? null,
    pageSize: subject.pageSize,
    uptimeSeconds: readingsOf(snapshot, 'uptime').at(-1)?.data.uptime ?? null,
    totalBytes: readingsOf(snapshot, 'meminfo').at(-1)?.data['MemTotal'] ?? null,
  };
}
