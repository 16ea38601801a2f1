import { defineText, oneSample, type TextSample } from '../kind.js';
import { size } from '../made/figures.js';
import { fits } from '../made/fits.js';
import { toldFigures } from '../made/told-figures.js';
import { run } from '../shape.js';

const HEAD =
  /^\s*(?:NAMESPACE\s+)?(?:POD\s+)?NAME\s+CPU\(cores\)\s+(?:(CPU%|CPU\(%\))\s+)?MEMORY\(bytes\)(?:\s+(?:MEMORY%|MEMORY\(%\)))?\s*$/;
const POD = /^\s*(?:[a-z0-9][\w.-]{0,62}\s+)?([a-z0-9][\w.-]{0,252})(?:\s+[a-z0-9][\w.-]{0,62})?\s+\d{1,9}m?\s+(\d{1,12}(?:[KMGT]i?)?)\s*$/;
const NODE = /^\s*\S{1,253}\s+\d{1,9}m?\s+\d{1,4}%\s+\d{1,12}(?:[KMGT]i?)?\s+(\d{1,3})%\s*$/;

/**
 * What the metrics server measured: the working set of pods, which is memory.current without idle file cache; of nodes its share of
 * what pods may have. Several nodes are several hosts: of them nothing is kept.
 */
export default defineText({
  title: 'kubectl top',
  docs: 'https://kubernetes.io/docs/reference/kubectl/generated/kubectl_top/',
  origin: 'tool',
  hint: /\b(?:kubectl|oc)\b.{0,80}\btop\b/,
  span: (lines, at) => {
    if (!fits(HEAD, lines[at] ?? '')) return 0;
    const length = run(lines, at, (line, index) => index === at || fits(POD, line) || fits(NODE, line), { elided: true });
    return length > 1 ? length : 0;
  },
  read: ([, ...rows]) => [...pods(rows), ...nodes(rows)],
});

function pods(rows: readonly string[]): readonly TextSample[] {
  const files = new Map<string, string>();
  for (const line of rows) {
    const [, pod = '', word = ''] = POD.exec(line) ?? [];
    const bytes = size(word);
    if (pod === '' || bytes === null) continue;
    files.set(`sys/fs/cgroup/kubepods/${pod}/memory.current`, `${bytes}\n`);
    files.set(`sys/fs/cgroup/kubepods/${pod}/memory.stat`, 'inactive_file 0\n');
  }
  return files.size === 0 ? [] : oneSample(files);
}

function nodes(rows: readonly string[]): readonly TextSample[] {
  const shares = rows.flatMap((line) => NODE.exec(line)?.[1] ?? []);
  return shares.length === 1 ? toldFigures({ memoryUsed: shares[0] }) : [];
}
