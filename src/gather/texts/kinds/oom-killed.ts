import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

/** A line of `kubectl describe pod`, or of the YAML or JSON of a pod or a container, from which the end of a container is told. */
const BEGINS = /^\s*["']?(?:State|Last State|lastState|terminated|[Rr]eason|OOMKilled)["']?\s*:/;
const LINE = /^\s*(?:- )?["']?[A-Za-z][\w ./-]{0,60}["']?\s*:(?:\s.{0,300})?$|^\s*[{}\][]{1,3},?\s*$/;
const KILLED = /^\s*["']?[Rr]eason["']?\s*:\s*["']?OOM ?Killed\b|^\s*["']?OOMKilled["']?\s*:\s*true\b/;
/** Another container begins. */
const NEXT = /^\s*["']?[Ii]mage["']?\s*:/;
const LIMITS = /^\s*["']?[Ll]imits["']?\s*:/;
const REQUESTS = /^\s*["']?[Rr]equests["']?\s*:/;
const MEMORY = /^\s*["']?memory["']?\s*:\s*["']?(\d[\d.]{0,15}(?:[KMGTP]i?|k)?)\b/;
/** Lines between the end of a container and its limits are fewer. */
const MOST = 40;
const PATH = 'sys/fs/cgroup/kubepods/container';

/**
 * What Kubernetes and Docker tell of a container that was killed: they say OOMKilled when oom_kill of its memory.events rose.
 * At least once; without a limit that is shown, it may have been the host that ran out of memory.
 */
export default defineText({
  title: 'OOMKilled of a container',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/',
  origin: 'tool',
  span: (lines, at) => {
    if (!fits(BEGINS, lines[at] ?? '')) return 0;
    const length = run(lines, at, (line, index) => index < at + MOST && fits(LINE, line));
    return lines.slice(at, at + length).some((line) => fits(KILLED, line)) ? length : 0;
  },
  read: (lines) => {
    const limit = limitOf(lines);
    const kills = lines.filter((line) => fits(KILLED, line)).length;
    const events = [...(limit === null ? [] : [`max ${kills}`, `oom ${kills}`]), `oom_kill ${kills}`];
    return oneSample(
      new Map([
        [`${PATH}/memory.events`, `${events.join('\n')}\n`],
        ...(limit === null ? [] : [[`${PATH}/memory.max`, `${limit}\n`] as const]),
      ]),
    );
  },
});

/** The limit of memory of the first that was killed; null when it is not shown. */
function limitOf(lines: readonly string[]): number | null {
  let inLimits = false;
  for (const line of lines.slice(lines.findIndex((line) => KILLED.test(line)))) {
    if (NEXT.test(line)) return null;
    if (LIMITS.test(line)) inLimits = true;
    else if (REQUESTS.test(line)) inLimits = false;
    const memory = inLimits ? MEMORY.exec(line)?.[1] : undefined;
    if (memory !== undefined) return size(memory, 1, 1000);
  }
  return null;
}
