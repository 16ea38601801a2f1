import type { EventKind } from '../gather/kernel-log/schema.js';
import { defineFacts, type Entity, type FactDefinition, Unknown } from './fact.js';
import { atomic as inHurry } from './log-failure-events.js';
import { ageOf, eventsOf, logOf, LOSSY, timesOf, totalOf, younger } from './log-lines.js';
import type { View } from './view.js';

const DAY = 86_400;

/** Fact name, kind of event, title, the line of the kernel. Those that need no action are not counted. */
const COUNTED: readonly (readonly [string, EventKind, string, string])[] = [
  ['log.allocation_failures', 'allocation-failure', 'Failed page allocations that may need action', 'page allocation failure: order:'],
  ['log.stalls', 'allocation-stall', 'Stalled page allocations', 'page allocation stalls for'],
  ['log.slub_failures', 'slub-failure', 'Failed allocations of kernel objects', 'SLUB: Unable to allocate memory'],
  ['log.vmalloc_failures', 'vmalloc-failure', 'Failed allocations in the vmalloc area', 'vmap allocation for size … failed'],
  ['log.percpu_failures', 'percpu-failure', 'Failed allocations of per-CPU memory', 'percpu: allocation failed'],
  ['log.cma_failures', 'cma-failure', 'Failed allocations of contiguous memory', 'cma_alloc: alloc failed'],
  ['log.tcp_out_of_memory', 'tcp-out-of-memory', 'Times TCP ran out of its memory', 'TCP: out of memory'],
  ['log.userspace_kills', 'userspace-kill', 'Kills by a program', 'lines of earlyoom, systemd-oomd, oomd, nohang, lmkd'],
  ['log.no_victims', 'oom-no-victim', 'Times that no process could be killed', 'Out of memory and no killable processes'],
  ['log.reapers_stuck', 'reaper-stuck', 'Victims whose memory could not be taken', 'oom_reaper: unable to reap pid'],
  ['log.refused_requests', 'vm-enough-memory', 'Requests refused by overcommit', '__vm_enough_memory: not enough memory'],
  ['log.evictions', 'eviction', 'Evictions by an orchestrator', 'lines of the kubelet'],
  ['log.hotplug_failures', 'hotplug', 'Failures to add or remove memory', 'lines of memory hotplug that tell of a failure'],
  ['log.balloon_failures', 'balloon', 'Failures of a balloon driver', 'lines of the balloon driver'],
  ['log.swap_errors', 'swap-error', 'Errors of swap', 'Read-error on swap-device, swap entries that cannot be'],
  ['log.bad_pages', 'bad-page', 'Pages in a state that cannot be', 'BUG: Bad page state, Bad page map'],
  ['log.kmemleak_reports', 'kmemleak', 'Leaks that kmemleak reports', 'kmemleak: … new suspected memory leaks, unreferenced object 0x…'],
  ['log.kernel_bugs', 'kernel-bug', 'Bugs of the kernel in its memory code', 'BUG, Oops and WARNING in mm/'],
];

/** Events of the kernel log, by kind and age. */
export default defineFacts({
  ...Object.fromEntries(COUNTED.map(([name, kind, title, line]) => [name, counted(kind, title, line)])),
  ...Object.fromEntries(COUNTED.map(([name, kind, title]) => [`${name}_day`, countedInADay(name, kind, title)])),
  'log.hung_in_reclaim': {
    title: 'Tasks that hung or a CPU that spun while memory was reclaimed',
    unit: 'count',
    formula: '“blocked for more than” and “soft lockup” with reclaim in the call trace, within 24 hours',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, eventsOf(view, 'hung-task', 'soft-lockup').filter(inReclaim), DAY)),
  },
  'log.hung_tasks': {
    title: 'Tasks that hung',
    unit: 'count',
    formula: '“blocked for more than … seconds”',
    validity: `${LOSSY}; by default ten in all`,
    value: (view) => totalOf(view, 'hung-task'),
  },
  'log.kmemleak_caller': {
    title: 'Function that made an object which kmemleak says is lost',
    unit: 'text',
    formula: 'the innermost function of the backtrace that is not one of the allocator, and its module',
    value: (view) => {
      const caller = eventsOf(view, 'kmemleak').findLast(({ device }) => device !== undefined)?.device;
      if (caller === undefined) throw new Unknown('no backtrace of kmemleak was shown', 'kernel-log');
      return caller;
    },
  },
  'log.memory_failures_day': {
    title: 'Uncorrected memory errors, within 24 hours',
    unit: 'count',
    formula: '“Memory failure:”, “Uncorrected”, EDAC UE, not older than 86400 s',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, eventsOf(view, 'hardware-error').filter(uncorrected), DAY)),
  },
  'log.swapoff_hung': {
    title: 'swapoff hung',
    unit: 'boolean',
    formula: '“task swapoff blocked for more than … seconds”',
    value: (view) => eventsOf(view, 'hung-task').some((event) => /\bswapoff\b/.test(`${event.trigger?.name ?? ''} ${event.text}`)),
  },
  'log.slub_at_limit': {
    title: 'Kernel objects were refused at the limit of a cgroup',
    unit: 'boolean',
    formula:
      'SLUB failures of a cache of a cgroup, “name(id:cgroup)”; where the name of a cache is not told, none of them with a failed page allocation beside it',
    validity: 'the page allocator says its own failures, the accounting of cgroups does not',
    value: slubAtLimit,
  },
  'log.slub_echoes': {
    title: 'The failed allocations of kernel objects are those of pages that could not wait, told once more',
    unit: 'boolean',
    formula:
      'all SLUB failures with GFP_ATOMIC or GFP_NOWAIT; failed page allocations beside them, all of a single page in the same haste, or such as need no action',
    validity: LOSSY,
    value: slubEchoes,
  },
  'log.vmalloc_no_room': {
    title: 'Addresses were what the vmalloc area lacked, not pages',
    unit: 'boolean',
    formula:
      'a failed allocation in the vmalloc area that does not say “allocated … of … bytes”, “failed to allocate pages” or the like; false where the range that was searched has 1 TiB and more',
    validity: LOSSY,
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/vmalloc.c',
    value: vmallocNoRoom,
  },
  'log.drop_caches_times': {
    title: 'Times that somebody dropped caches',
    unit: 'count',
    formula: '“drop_caches: N”',
    validity: LOSSY,
    value: (view) => totalOf(view, 'drop-caches'),
  },
  'owner.cache_dropper': {
    title: 'The process that dropped caches last',
    unit: 'entity',
    formula: '“NAME (PID): drop_caches: N”, the last',
    validity: 'of a script that is its shell, or the program that wrote for it (sysctl, tee)',
    value: (view): Entity => {
      const trigger = eventsOf(view, 'drop-caches').at(-1)?.trigger;
      if (!trigger) throw new Unknown('the kernel log does not tell who dropped caches');
      return { kind: 'process', name: trigger.name, ...(trigger.pid === null ? {} : { pid: trigger.pid }), bytes: null };
    },
  },
  'log.drop_caches_gap_s': {
    title: 'Time between droppings of caches',
    unit: 's',
    formula: '(time of the last − time of the first) / (times − 1)',
    validity: 'unknown for fewer than two',
    value: gapOfDrops,
  },
  'log.atomic_failures': {
    title: 'Failed single-page allocations that could not wait',
    unit: 'count',
    formula: 'events “page allocation failure: order:0” with GFP_ATOMIC',
    validity: LOSSY,
    value: (view) => timesOf(atomic(view)),
  },
  'log.atomic_failures_day': {
    title: 'Failed single-page allocations that could not wait, within 24 hours',
    unit: 'count',
    formula: 'log.atomic_failures with a time stamp not older than 86400 s',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, atomic(view), DAY)),
  },
  'log.atomic_failures_sample': {
    title: 'Failed single-page allocations that could not wait, in the sample',
    unit: 'count',
    formula: 'log.atomic_failures with a time stamp within the sample',
    validity: LOSSY,
    value: (view) => timesOf(younger(view, atomic(view), view.number('sample.seconds'))),
  },
  'oom.last_global_kill_age_s': {
    title: 'Time since the host last ran out of memory',
    unit: 's',
    formula: 'uptime (or the end of the log) − time stamp of the last “Out of memory: Killed process”',
    validity: LOSSY,
    value: (view) => ageOf(view, eventsOf(view, 'oom-kill').at(-1)),
  },
  'oom.last_memcg_kill_age_s': {
    title: 'Time since the last kill at a cgroup limit',
    unit: 's',
    formula: 'uptime (or the end of the log) − time stamp of the last “Memory cgroup out of memory: Killed process”',
    validity: LOSSY,
    value: (view) => ageOf(view, eventsOf(view, 'memcg-oom-kill').at(-1)),
  },
});

function counted(kind: EventKind, title: string, line: string): FactDefinition {
  return {
    title,
    unit: 'count',
    formula: `“${line}” in the kernel log`,
    validity: LOSSY,
    value: (view) => totalOf(view, kind) - timesOf(eventsOf(view, kind).filter(({ harmless }) => harmless !== undefined)),
  };
}

function countedInADay(name: string, kind: EventKind, title: string): FactDefinition {
  return {
    title: `${title}, within 24 hours`,
    unit: 'count',
    formula: `${name} not older than 86400 s; all of a log that stands alone and has no time stamps`,
    validity: LOSSY,
    value: (view) =>
      timesOf(
        younger(
          view,
          eventsOf(view, kind).filter(({ harmless }) => harmless === undefined),
          DAY,
        ),
      ),
  };
}

const uncorrected = ({ text }: { text: string }): boolean =>
  /Memory failure|[Uu]ncorrected|\bUE\b|[Uu]nrecoverable|hardware memory corruption/.test(text) && !/\b0 UE\b/.test(text);

function slubAtLimit(view: View): boolean {
  const slub = eventsOf(view, 'slub-failure');
  if (slub.length === 0) return false;
  if (slub.some(({ device = '', text }) => /\(\d{1,10}:[^)]{0,200}/.test(`${device} ${text}`))) return true;
  // until 5.8 a cgroup has caches of its own, with its name in theirs; from 5.9 on it is charged before a slab is asked for
  if (slub.every(({ device }) => device !== undefined)) return false;
  return totalOf(view, 'allocation-failure') === 0;
}

/** The slab allocator prints its own line after that of the page allocator: one and the same request. */
function slubEchoes(view: View): boolean {
  const [slub, pages] = [eventsOf(view, 'slub-failure'), eventsOf(view, 'allocation-failure')];
  if (slub.length === 0 || pages.length === 0) return false;
  return slub.every(inHurry) && pages.every((event) => event.harmless !== undefined || (event.order === 0 && inHurry(event)));
}

const inReclaim = ({ subsystem, text }: { subsystem?: string; text: string }): boolean =>
  /\b(reclaim|memory management|mm|compaction)\b/.test(subsystem ?? '') || /\b(kswapd\d+|kcompactd\d+|shrink_\w{1,40})\b/.test(text);

const atomic = (view: View) => eventsOf(view, 'allocation-failure').filter((event) => event.order === 0 && inHurry(event));

function gapOfDrops(view: View): number {
  const times = eventsOf(view, 'drop-caches').flatMap(({ firstTime, time }) => (time === null ? [] : [firstTime ?? time, time]));
  const count = totalOf(view, 'drop-caches');
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || count < 2) throw new Unknown('the kernel log has no two times of it', 'kernel-log');
  if (logOf(view).boots !== undefined) throw new Unknown('the kernel log goes over several boots');
  return Math.max(0, last - first) / (count - 1);
}

/** The window of 64 bits is larger than what any host could map in it: there it is an alignment, or a test, that cannot be had. */
const WIDE = 2n ** 40n;

function vmallocNoRoom(view: View): boolean {
  const texts = eventsOf(view, 'vmalloc-failure').map(({ text }) => text);
  if (texts.some(isWide)) return false;
  return texts.some((text) => !/allocated \d+ of \d+ bytes|failed to allocate pages|page (?:order|array)/.test(text));
}

function isWide(text: string): boolean {
  const [, from, to] = /restricted to (0x[0-9a-f]{1,16}) - (0x[0-9a-f]{1,16})/.exec(text) ?? [];
  return from !== undefined && to !== undefined && BigInt(to) - BigInt(from) >= WIDE;
}
