import { defineText } from '../kind.js';
import { fileOf, isPath, run, stem } from '../shape.js';

const LINE = /^\s*(some|full) avg10=\d{1,3}\.\d{1,2} avg60=\d{1,3}\.\d{1,2} avg300=\d{1,3}\.\d{1,2} total=\d{1,20}$/;

/** A pressure file: of the host, or of a cgroup when a path says so; of memory when nothing says of what. */
export default defineText({
  title: '/proc/pressure',
  docs: 'https://docs.kernel.org/accounting/psi.html',
  origin: 'kernel',
  hint: /pressure|psi/,
  span: (lines, at) => {
    const seen = new Set<string>();
    return run(lines, at, (line) => {
      const kind = LINE.exec(line)?.[1];
      if (kind === undefined || seen.has(kind) || (kind === 'some' && seen.has('full'))) return false;
      seen.add(kind);
      return true;
    });
  },
  read: (lines, { told = '' }) => {
    const trimmed = lines.map((line) => line.trim());
    if (isPath(told) && /pressure/.test(told)) return fileOf(told, trimmed);
    const resource = /(?:^|[^a-z])(io|cpu|irq)(?:[^a-z]|$)/.exec(stem(told))?.[1] ?? 'memory';
    return fileOf(`proc/pressure/${resource}`, trimmed);
  },
});
