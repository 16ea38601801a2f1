import { defineFacts, Unknown } from './fact.js';
import { ageOf, clockless, eventsOf } from './log-lines.js';
import { atLimit, lastMoment, momentsOf, ramOf, sizeOf } from './oom-moment.js';
import { tasksShown } from './oom-victim.js';
import { zoneKindOf, zonesOf } from './oom-zones.js';
import type { View } from './view.js';

/** A score this high was moved by oom_score_adj: nobody holds all of RAM and swap. */
const MOVED = 950;
/** Cache of at least this share of RAM is most of it. */
const HALF = 0.5;
/** Unwritten data beyond this share of RAM cannot be dropped at once. */
const FLOODED = 0.2;
/** A zone below this share of RAM is kept for those who need it, and changes nothing. */
const SLIVER = 0.005;
/** mlock(), mlock2() and mlockall(), under the names of their entries. */
const LOCKS = /^(?:__(?:x64|ia32|arm64|se|s390x?|do)_)?(?:k?sys_|do_)?mlock(?:all|2)?$/;
const HOUR = 3600;
const DAY = 86_400;
/** What tells of the present: a log beside any of these does not stand alone. */
const LIVE = ['meminfo', 'vmstat', 'zoneinfo', 'buddyinfo', 'pressure', 'processes', 'cgroup', 'slabinfo', 'swaps', 'loadavg'] as const;
const OOM_KINDS = ['oom-kill', 'memcg-oom-kill', 'oom-no-victim'] as const;

/** What part the kernel log plays: all that is known, or the past beside the present. */
export default defineFacts({
  'log.only': {
    title: 'Nothing but a kernel log is known',
    unit: 'boolean',
    formula: 'a kernel log was read, and none of the files that show the present',
    value: (view) => view.readings('kernel-log').length > 0 && LIVE.every((id) => view.readings(id).length === 0),
  },
  'log.oom_case': {
    title: 'How much the OOM kills of the log matter now',
    unit: 'text',
    formula:
      'none; alone: the log is all that is known; hour, day: the last one is not older than 3600 s, 86400 s; earlier: older, or its age is not known; day also for a pasted log without any clock',
    validity: 'none also when no log was read',
    value: oomCase,
  },
  'log.oom_tasks_shown': {
    title: 'The log shows the processes at the last OOM kill',
    unit: 'boolean',
    formula: 'a table of tasks with at least one row; not when the one that was killed is larger than all in it and missing: it was cut',
    value: (view) => tasksShown(lastMoment(view)),
  },
  'log.oom_memory_shown': {
    title: 'The log shows the memory of the host at the last OOM kill',
    unit: 'boolean',
    formula: 'the zones, or the sums of Mem-Info',
    value: (view) => {
      const moment = lastMoment(view);
      return moment.zones.length > 0 || ramOf(moment) !== undefined;
    },
  },
  'log.oom_slab_shown': {
    title: 'Kernel objects outweighed the pages of processes and files at the last OOM kill',
    unit: 'boolean',
    formula: 'the log lists “Unreclaimable slab info”: the kernel does so when it is more than all LRU pages',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/oom_kill.c',
    validity: 'kernel 4.15 and later',
    value: (view) => lastMoment(view).slabs.length > 0,
  },
  'log.oom_locked_its_own': {
    title: 'A process was killed that wanted a page while it locked its memory',
    unit: 'boolean',
    formula:
      'the call trace of an OOM kill, or of a page that failed, goes through mlock() or mlockall(), and the log tells of a kill of that name',
    reference: 'https://man7.org/linux/man-pages/man2/mlock.2.html',
    value: (view) => {
      const killed = new Set(
        [...eventsOf(view, 'oom-kill'), ...eventsOf(view, 'memcg-oom-kill')].flatMap(({ victims = [] }) => victims.map(({ name }) => name)),
      );
      return momentsOf(view).some(
        ({ trigger, trace }) => trigger !== undefined && killed.has(trigger.name) && trace.some((name) => LOCKS.test(name)),
      );
    },
  },
  'log.oom_owner_shown': {
    title: 'The log shows how much the one that was killed held, or who held how much',
    unit: 'boolean',
    formula: 'a table of tasks, or a score in the line of the kill',
    value: (view) => tasksShown(lastMoment(view)) || view.maybe(() => scoreShare(view)) !== undefined,
  },
  'log.oom_score_share_pct': {
    title: 'Share of RAM and swap of the last process killed for the host, by its score',
    unit: '%',
    formula: '(score − oom_score_adj) / 10: badness is in thousandths of RAM and swap',
    validity: 'kernels that print “score N”, 2.6.36 to 5.3; unknown when the score was moved by oom_score_adj',
    reference: 'https://github.com/torvalds/linux/blob/v4.19/mm/oom_kill.c',
    value: scoreShare,
  },
  'log.oom_tasks_bytes': {
    title: 'Memory of all processes that the log lists at the last OOM kill',
    unit: 'bytes',
    formula: 'Σ rss + swapents of the table',
    value: (view) => {
      const totals = lastMoment(view).tasks?.totals;
      if (!totals) throw new Unknown('the kernel log does not list the processes', 'kernel-log');
      return totals.rss + totals.swap;
    },
  },
  'log.oom_from_fault': {
    title: 'The OOM killer was called at the end of a page fault',
    unit: 'boolean',
    formula: 'pagefault_out_of_memory in the call trace, or a mask of 0',
    value: (view) => {
      const { trace, gfpMask } = lastMoment(view);
      return trace.some((name) => name.startsWith('pagefault_out_of_memory')) || /^0x0(?:\(\))?$/.test(gfpMask ?? '');
    },
  },
  'log.oom_marks_impossible': {
    title: 'A watermark at the last OOM kill is larger than its zone',
    unit: 'boolean',
    formula: 'min > present of a zone',
    value: (view) => lastMoment(view).zones.some(({ min, present }) => present !== undefined && present > 0 && min > present),
  },
  'log.oom_of_many_pages': {
    title: 'The log says that the request before the last OOM kill was of several pages',
    unit: 'boolean',
    formula: 'order above 0; false also when no order is told',
    value: (view) => (lastMoment(view).order ?? 0) > 0,
  },
  'log.oom_room_out_of_reach': {
    title: 'All room at the last OOM kill was where not every request may go',
    unit: 'boolean',
    formula: 'free above twice high in zones HighMem or Movable only, and the mask of the request is not told: it cannot have allowed them',
    value: (view) => {
      const { zones, gfpMask } = lastMoment(view);
      const roomy = zones.filter(({ free, high }) => high > 0 && free > 2 * high);
      return gfpMask === undefined && roomy.length > 0 && roomy.every(({ zone }) => zone === 'HighMem' || zone === 'Movable');
    },
  },
  'log.oom_cache_kept': {
    title: 'At the last OOM kill most memory was cache that reclaim had tried for, and did not get',
    unit: 'boolean',
    formula:
      'another than kswapd asked, the host was out of memory, every zone that the request could use was at its mark, file cache and reclaimable slab ≥ 50 % of RAM, dirty + writeback ≤ 20 %; false also when the log does not tell',
    validity: 'a policy of reclaim (MGLRU min_ttl_ms) kills from kswapd, and a killer in user space leaves zones above their marks',
    value: cacheKept,
  },
  'log.oom_low_only': {
    title: 'The request before the last OOM kill could use low memory only',
    unit: 'boolean',
    formula: 'a kernel of 32 bits, and a mask without __GFP_HIGHMEM',
    validity: 'where the log tells the mask; the bits are those of the addresses in its call trace',
    reference: 'https://docs.kernel.org/mm/highmem.html',
    value: (view) => {
      const moment = lastMoment(view);
      const kind = zoneKindOf(moment);
      if (kind === null || moment.bits === undefined) throw new Unknown('the log does not tell the mask, or no address', 'kernel-log');
      return moment.bits === 32 && kind !== 'HighMem' && kind !== 'Movable' && !atLimit(moment);
    },
  },
  'log.oom_dirty_pct': {
    title: 'Unwritten data at the last OOM kill',
    unit: '%',
    formula: 'dirty + writeback of the limit that was met, or of RAM',
    value: dirtyShare,
  },
});

function oomCase(view: View): string {
  if (view.readings('kernel-log').length === 0) return 'none';
  const events = eventsOf(view, ...OOM_KINDS);
  if (events.length === 0) return 'none';
  if (view.fact('log.only') === true) return 'alone';
  const age = view.maybe(() => ageOf(view, events.at(-1)));
  if (age === undefined) return clockless(view) ? 'day' : 'earlier';
  return age <= HOUR ? 'hour' : age <= DAY ? 'day' : 'earlier';
}

function cacheKept(view: View): boolean {
  const moment = lastMoment(view);
  const ram = ramOf(moment);
  const zones = zonesOf(moment).filter(({ usable, managed }) => usable !== false && managed !== 0);
  if (moment.kind !== 'oom-kill' || atLimit(moment) || /^kswapd\d/.test(moment.trigger?.name ?? '') || !ram || zones.length === 0)
    return false;
  const cache = ['active_file', 'inactive_file', 'slab_reclaimable'].reduce((total, name) => total + (sizeOf(moment, name) ?? 0), 0);
  const unwritten = (sizeOf(moment, 'dirty') ?? 0) + (sizeOf(moment, 'writeback') ?? 0);
  const dry = zones.every((zone) => zone.short || (zone.managed ?? 0) < SLIVER * ram);
  return dry && zones.some(({ short }) => short) && cache >= HALF * ram && unwritten <= FLOODED * ram;
}

function dirtyShare(view: View): number {
  const moment = lastMoment(view);
  const stats = moment.memcg?.groups?.[0]?.stats ?? {};
  const [dirty, writeback, size] = atLimit(moment)
    ? [stats['file_dirty'] ?? stats['dirty'], stats['file_writeback'] ?? stats['writeback'], moment.memcg?.limit]
    : [sizeOf(moment, 'dirty'), sizeOf(moment, 'writeback'), ramOf(moment)];
  if (dirty === undefined || size === undefined || size === 0)
    throw new Unknown('the log does not tell how much was unwritten', 'kernel-log');
  return (100 * (dirty + (writeback ?? 0))) / size;
}

function scoreShare(view: View): number {
  const moments = momentsOf(view).filter((moment) => moment.kind === 'oom-kill' && moment.chosenScore !== undefined);
  const moment = moments.at(-1);
  const adj =
    moment?.victims?.at(-1)?.oomScoreAdj ?? moment?.tasks?.top.find(({ pid }) => pid === moment.victims?.at(-1)?.pid)?.oomScoreAdj ?? 0;
  if (moment?.chosenScore === undefined || adj !== 0 || moment.chosenScore >= MOVED)
    throw new Unknown('the log does not print the score of the one that was chosen', 'kernel-log');
  return moment.chosenScore / 10;
}
