import { defineText, oneSample } from '../kind.js';
import { size } from '../made/figures.js';
import { run } from '../shape.js';

/** The pod that a command names: `kubectl -n shop get pod web-0 -o jsonpath=…`, `oc describe pod/web-0`. */
const POD =
  /(?<![a-z])(?:kubectl|oc)[\s_].{0,120}?(?:get|describe)[\s_]+(?:pods?|po)[\s/_]+(?:-n[\s_]+[a-z0-9-]{1,63}[\s_]+)?([a-z0-9][a-z0-9.-]{0,252})(?=[\s_]|$)/;
/** `map[cpu:500m memory:512Mi]`, `{"cpu":"500m","memory":"512Mi"}`; or the size alone, where the path ends in it. */
const LIMITS = /^\s*(?:map\[|\{).{0,120}?\bmemory"?:"?(\d{1,15}(?:[KMGT]i?)?)"?.{0,60}[\]}]\s*$/;
const ALONE = /^\s*(\d{1,15}(?:[KMGT]i?)?)\s*$/;
const HEAD = /^\s*Limits:\s*$/;
const LINE = /^\s+(?:cpu|memory|ephemeral-storage|hugepages-\w{1,10}|[\w.-]{1,60}\/[\w.-]{1,60}):\s+\S+\s*$/;
const MEMORY = /^\s+memory:\s+(\d{1,15}(?:[KMGT]i?)?)\s*$/;

/** The limit of a pod that the command names; of several containers the sum, which is the limit of the pod where all have one. */
export default defineText({
  title: 'limits by kubectl',
  docs: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  origin: 'tool',
  hint: /(?<![a-z])(?:kubectl|oc)[\s_].{0,120}?(?:get|describe)[\s_]+(?:pods?|po)[\s/_]/,
  span: (lines, at, hinted, told = '') => {
    if (!hinted || told.length > 1000 || !POD.test(told)) return 0;
    if (HEAD.test(lines[at] ?? '')) return run(lines, at, (line, index) => index === at || LINE.test(line));
    return Number(limitIn(lines[at] ?? '', told) !== null);
  },
  read: (lines, { told = '' }) => {
    const pod = told.length > 1000 ? undefined : POD.exec(told)?.[1];
    const sizes = lines.flatMap((line) => MEMORY.exec(line)?.[1] ?? limitIn(line, told) ?? []).map((word) => size(word));
    const bytes = sizes.reduce<number>((sum, each) => sum + (each ?? 0), 0);
    return pod === undefined || bytes === 0 ? [] : oneSample(new Map([[`sys/fs/cgroup/kubepods/${pod}/memory.max`, `${bytes}\n`]]));
  },
});

function limitIn(line: string, told: string): string | null {
  if (line.length > 300) return null;
  if (/limits\.memory(?![a-z])/.test(told)) return ALONE.exec(line)?.[1] ?? null;
  return /(?<![a-z])limits(?![a-z])/.test(told) ? (LIMITS.exec(line)?.[1] ?? null) : null;
}
