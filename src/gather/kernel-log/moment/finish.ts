import type { Moment } from '../schema.js';
import { believedFrames } from './call-trace.js';
import { constraintOf } from './constraint.js';
import type { Draft } from './draft.js';
import { gfpFlags } from './gfp.js';
import { memcgOf } from './memcg.js';
import { pageSizeOf, USUAL_PAGE } from './page-size.js';
import { largest } from './slabs.js';
import { tasksOf } from './tasks.js';
import { zonesOf } from './zones.js';

/**
 * The report in bytes, as the snapshot holds it.
 *
 * @param usual the size of a page where the report itself does not show it, bytes
 */
export function momentOf(draft: Draft, usual: number | null): Moment {
  const known = pageSizeOf(draft) ?? usual;
  const page = known ?? USUAL_PAGE;
  const isOom = draft.kind.includes('oom');
  const constraint = isOom ? constraintOf(draft) : undefined;
  const flags = draft.gfpMask === undefined ? undefined : gfpFlags(draft.gfpMask, draft.kernel, isOom && draft.order !== -1);
  const memcg = memcgOf(draft);
  const tasks = draft.tasks === null ? undefined : tasksOf(draft.tasks, page);
  const totals: Record<string, number> = {};
  for (const [name, pages] of Object.entries(draft.pages)) totals[name] = pages * page;
  Object.assign(totals, draft.bytes);
  return {
    kind: draft.kind,
    time: draft.time,
    pageSize: known,
    trace: believedFrames(draft).map(({ name }) => name),
    zones: zonesOf(draft, page),
    nodes: [...draft.nodes].map(([node, { values, unreclaimable }]) => ({ node, values, unreclaimable })),
    totals,
    hugepages: draft.hugepages,
    slabs: largest(draft.slabs),
    complete: { head: draft.head, tail: draft.tail },
    ...present({
      asked: draft.asked || undefined,
      wallTime: draft.wallTime,
      kernel: draft.kernel,
      hardware: draft.hardware,
      bits: draft.bits,
      trigger: draft.trigger,
      order: draft.order,
      gfpMask: draft.gfpMask,
      gfpFlags: flags,
      constraint: constraint?.constraint,
      constraintFrom: constraint?.from,
      nodemask: draft.nodemask,
      cpuset: draft.cpuset,
      memsAllowed: draft.memsAllowed,
      globalOom: draft.globalOom,
      memcg,
      tasks,
      victims: draft.victims.length > 0 ? draft.victims : undefined,
      chosenScore: draft.chosenScore,
      sacrificed: sacrificed(draft),
      groupKill: draft.groupKill,
      allocatingTask: draft.allocatingTask,
      reaped: draft.reaped.length > 0 ? draft.reaped : undefined,
      panic: draft.panic,
    }),
  };
}

/** A child in place of the one chosen, until 5.3; a group is killed whole. */
function sacrificed({ chosen, killed, victims, groupKill }: Draft): true | undefined {
  if (chosen === null || !killed || groupKill === true) return undefined;
  return victims.every(({ pid }) => pid !== chosen.pid) || undefined;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The members that are there. */
function present<T extends object>(all: T): Present<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Present<T>;
}

/** True when the report shows the memory, beyond what its event says. */
export const isRich = (draft: Draft): boolean =>
  draft.zones.length > 0 ||
  draft.nodes.size > 0 ||
  draft.tasks !== null ||
  draft.slabs.length > 0 ||
  draft.groups.size > 0 ||
  draft.memcg.usage !== undefined ||
  Object.keys(draft.pages).length + Object.keys(draft.bytes).length > 0;

/** True when there is anything to keep of the report beside its event. */
export const isWorthKeeping = (draft: Draft): boolean =>
  isRich(draft) ||
  draft.frames.length > 0 ||
  draft.kernel !== undefined ||
  draft.reaped.length > 0 ||
  draft.panic !== undefined ||
  draft.memcg.path !== undefined ||
  draft.chosenScore !== undefined ||
  draft.groupKill === true ||
  draft.allocatingTask === true;
