import { believedFrames } from './call-trace.js';
import { type Draft, PART, type Reader } from './draft.js';

/** Since 5.0. Paths may hold commas, so each value runs to the name of the next that is known. */
const LINE = /^oom-kill:constraint=([A-Z_]{1,60})(?:,|$)/;
const NAMES = ['nodemask', 'cpuset', 'mems_allowed', 'oom_memcg', 'task_memcg', 'task', 'pid', 'uid'] as const;
const TASK_IN = /^Task in (\/.{0,4096}?) killed as a result of limit of (\/.{0,4096}?)(?:,|$)/;
const MEMCG_FRAME = /^(?:mem_cgroup_out_of_memory|mem_cgroup_oom\w{0,30}|mem_cgroup_handle_oom|pagefault_memcg_oom)$/;

/** The line that names the constraint, and its forerunner. */
export const readConstraint: Reader = (text, draft) => {
  const constraint = LINE.exec(text)?.[1];
  if (constraint === undefined) return false;
  const value = valuesOf(text);
  draft.constraint = constraint;
  draft.part = PART.constraint;
  if (value.nodemask !== undefined && value.nodemask !== '(null)') draft.nodemask = value.nodemask;
  if (value.cpuset !== undefined) draft.cpuset = value.cpuset;
  if (value.mems_allowed !== undefined) draft.memsAllowed = value.mems_allowed;
  if (value.oom_memcg !== undefined) draft.memcg.path = value.oom_memcg;
  if (value.task_memcg !== undefined) draft.memcg.taskPath = value.task_memcg;
  if (text.includes(',global_oom,')) draft.globalOom = true;
  if (value.oom_memcg !== undefined || constraint === 'CONSTRAINT_MEMCG') draft.memcgSaid = true;
  return true;
};

function valuesOf(text: string): Partial<Record<(typeof NAMES)[number], string>> {
  const found: Partial<Record<(typeof NAMES)[number], string>> = {};
  let at = 0;
  let open: { name: (typeof NAMES)[number]; from: number } | null = null;
  for (const name of NAMES) {
    // the task's name is the last of its kind: a path before it may hold the same words
    const next = name === 'task' ? text.lastIndexOf(',task=') : text.indexOf(`,${name}=`, at);
    if (next < at) continue;
    if (open !== null) found[open.name] = text.slice(open.from, next).replace(/,global_oom$/, '');
    at = next + name.length + 2;
    open = { name, from: at };
  }
  if (open !== null) found[open.name] = text.slice(open.from);
  return found;
}

/** `Task in /a/b killed as a result of limit of /a`, until 4.19. */
export const readLimitOf: Reader = (text, draft) => {
  const match = TASK_IN.exec(text);
  if (!match) return false;
  draft.memcg.taskPath = match[1] ?? '';
  draft.memcg.path = (match[2] ?? '').trimEnd();
  draft.memcgSaid = true;
  return true;
};

/** The constraint and what it was read from: by the line, else by the nodes, the call trace, the lines of the cgroup. */
export function constraintOf(draft: Draft): { constraint: string; from: 'line' | 'nodemask' | 'call trace' | 'cgroup lines' } | undefined {
  if (draft.constraint !== undefined) return { constraint: draft.constraint, from: 'line' };
  if (draft.memcgSaid) return { constraint: 'CONSTRAINT_MEMCG', from: 'cgroup lines' };
  if (believedFrames(draft).some(({ name }) => MEMCG_FRAME.test(name))) return { constraint: 'CONSTRAINT_MEMCG', from: 'call trace' };
  const mask = nodesOf(draft.nodemask);
  const allowed = nodesOf(draft.memsAllowed);
  // 4.6 to 4.10 print the cpuset's nodes where there is no policy: only a mask narrower than the cpuset is one
  if (mask !== undefined && allowed !== undefined && mask.size < allowed.size && [...mask].every((node) => allowed.has(node)))
    return { constraint: 'CONSTRAINT_MEMORY_POLICY', from: 'nodemask' };
  return undefined;
}

/** `0-1,4` as a set. */
function nodesOf(list: string | undefined): Set<number> | undefined {
  if (list === undefined || !/^\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?){0,40}$/.test(list)) return undefined;
  const nodes = new Set<number>();
  for (const range of list.split(',')) {
    const [from = 0, to = from] = range.split('-').map(Number);
    for (let node = from; node <= Math.min(to, from + 1024); node++) nodes.add(node);
  }
  return nodes;
}
