import { defineText, oneSample } from '../kind.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const HEAD = /^\s*(?:NAMESPACE\s+)?NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\b/;
/** `web-6d5c9  1/2  OOMKilled  2 (34s ago)  5m58s`, with a namespace before it or not. */
const ROW = /^\s*(?:[a-z0-9][\w.-]{0,62}\s+)?([a-z0-9][\w.-]{0,252})\s+\d{1,3}\/\d{1,3}\s+((?:Init:)?[A-Z][\w:/-]{1,60})\s+\d{1,6}\s/;
const KILLED = /^(?:Init:)?OOMKilled$/;

/**
 * The pods of Kubernetes: the status OOMKilled is the reason of the last end of a container, which oom_kill of its memory.events
 * told. Once at least: RESTARTS counts those for other reasons too. What its limit is, is not shown.
 */
export default defineText({
  title: 'kubectl get pods',
  docs: 'https://kubernetes.io/docs/reference/kubectl/generated/kubectl_get/',
  origin: 'tool',
  span: (lines, at) => {
    const begins = fits(HEAD, lines[at] ?? '');
    // without its head a row is sure only by the status
    if (!begins && !KILLED.test(statusOf(lines[at] ?? ''))) return 0;
    const length = run(lines, at, (line, index) => (begins && index === at) || fits(ROW, line));
    return lines.slice(at, at + length).some((line) => KILLED.test(statusOf(line))) ? length : 0;
  },
  read: (lines) => {
    const killed = lines.filter((line) => KILLED.test(statusOf(line))).map((line) => ROW.exec(line)?.[1] ?? 'pod');
    return oneSample(new Map(killed.map((pod) => [`sys/fs/cgroup/kubepods/${pod}/memory.events`, 'oom_kill 1\n'])));
  },
});

const statusOf = (line: string): string => (line.length > 1000 ? '' : (ROW.exec(line)?.[2] ?? ''));
