import { defineFacts, type Entity, Unknown } from './fact.js';
import type { View } from './view.js';

/** So many times what the largest process holds now: it was another one, or it has given it back. */
const LARGER = 2;
/** In % of RAM: with so much available it is over. */
const ROOM = 15;

/** Who held the memory of the host: now, or at the last OOM when that is over. */
export default defineFacts({
  'oom.hog_gone': {
    title: 'The process that held most at the last OOM of the host is gone, or small now',
    unit: 'boolean',
    formula: `the largest at the last OOM, or the one killed, held ${LARGER} times what the largest process holds now or more; the OOM is not older than a day, and ${ROOM} % of RAM or more is available`,
    value: (view) => {
      const largest = entity(view, 'owner.process');
      if (!largest) throw new Unknown('the processes of now were not read', 'processes');
      return isOver(view, heldMost(view), largest);
    },
  },
  'owner.hog': {
    title: 'The process that has or had the most private memory',
    unit: 'entity',
    formula: 'owner.oom_process, else owner.oom_global_victim, where oom.hog_gone; else owner.process',
    value: (view) => {
      const past = view.fact('oom.hog_gone') === true ? heldMost(view) : null;
      return past ?? view.fact('owner.process');
    },
  },
  'oom.pool_gone': {
    title: 'The pool of equal processes that held most at the last OOM of the host is gone, or small now',
    unit: 'boolean',
    formula: `as oom.hog_gone, of owner.oom_group and owner.group`,
    value: (view) => {
      view.last('processes');
      const none: Entity = { kind: 'process-group', name: '', bytes: 0 };
      const before = ofHost(view) ? entity(view, 'owner.oom_group') : undefined;
      return isOver(view, before ?? null, entity(view, 'owner.group') ?? none);
    },
  },
  'owner.pool': {
    title: 'The pool of equal processes that has or had the most private memory',
    unit: 'entity',
    formula: 'owner.oom_group where oom.pool_gone; else owner.group',
    value: (view) => view.fact(view.fact('oom.pool_gone') === true ? 'owner.oom_group' : 'owner.group'),
  },
});

function isOver(view: View, before: Entity | null, now: Entity): boolean {
  if (before === null || before.bytes === null || before.bytes < LARGER * (now.bytes ?? 0)) return false;
  const when = view.fact('log.oom_case');
  if (when !== 'hour' && when !== 'day') return false;
  return (view.maybe(() => view.number('mem.available_pct')) ?? 0) >= ROOM;
}

const entity = (view: View, name: string): Entity | undefined => view.maybe(() => view.fact(name)) as Entity | undefined;

/** At the limit of a cgroup it is no matter of the host. */
const ofHost = (view: View): boolean => view.maybe(() => view.fact('oom.scope')) !== 'cgroup';

const heldMost = (view: View): Entity | null =>
  ofHost(view) ? (entity(view, 'owner.oom_process') ?? entity(view, 'owner.oom_global_victim') ?? null) : null;
