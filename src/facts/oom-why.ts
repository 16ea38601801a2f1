/** Why the kernel ran out: its decision re-enacted over the figures of the report (constrained_alloc() of mm/oom_kill.c). Pure. */
import { bytes } from '../format.js';
import { containerName } from '../gather/kernel-log/moment/cgroup-names.js';
import type { Moment } from '../gather/kernel-log/schema.js';
import { atLimit, ramOf, unwritten } from './oom-moment.js';
import { capital, type Reason, type Scope } from './oom-reason.js';
import { filled } from './oom-why-filled.js';
import { boundReason, cmaReason, inferredBound, inferredReason, kindReason, lowFilled, pieces, roomy } from './oom-why-zones.js';
import { zoneName, zonesOf } from './oom-zones.js';

/** File pages that wait to be written are worth a word from this share of the limit. */
const UNWRITTEN = 0.2;
/** Kernel memory of a cgroup is worth a word from this share of the limit. */
const HEAVY = 0.5;
/** A figure beyond all RAM by this much is no measure of memory: a counter went below zero. */
const BEYOND = 1.5;
const COUNTERS = [
  'free',
  'active_anon',
  'inactive_anon',
  'active_file',
  'inactive_file',
  'unevictable',
  'slab_reclaimable',
  'slab_unreclaimable',
  'shmem',
];

/** Whose memory ran out. */
export function scopeOf(moment: Moment): Scope {
  if (moment.order === -1) return 'manual';
  if (atLimit(moment)) return 'cgroup';
  if (moment.constraint === 'CONSTRAINT_CPUSET') return 'cpuset';
  if (moment.constraint === 'CONSTRAINT_MEMORY_POLICY') return 'mempolicy';
  if (moment.constraint !== undefined || moment.globalOom === true || moment.zones.length > 0 || moment.kind === 'oom-kill') return 'host';
  return 'unknown';
}

/** Works out the cause of a moment. */
export function whyOf(moment: Moment): Reason {
  const scope = scopeOf(moment);
  if (scope === 'manual')
    return {
      why: 'manual',
      text: 'Somebody asked for it: the OOM killer was called by hand (SysRq F), and memory need not have been short.',
    };
  if (scope === 'cgroup') return limitReason(moment);
  const zones = zonesOf(moment);
  const wrong = impossible(moment);
  if (wrong !== null)
    return {
      why: 'accounting',
      text: `The figures cannot be true: ${wrong}. The kernel’s accounting is broken, and the killer acted on it.`,
    };
  const kind =
    kindReason(moment, zones, scope) ??
    cmaReason(moment, zones) ??
    inferredReason(moment, zones) ??
    lowFilled(moment, zones) ??
    inferredBound(moment, zones);
  if (kind) return kind;
  if (scope === 'cpuset' || scope === 'mempolicy') return boundReason(moment, zones, scope);
  return pieces(moment, zones) ?? roomy(moment, zones) ?? filled(moment, zones);
}

function limitReason({ memcg, kind }: Moment): Reason {
  const { usage, limit, swapUsage, swapLimit, kmemUsage, kmemLimit, path } = memcg ?? {};
  const whose = path === undefined ? 'a cgroup' : (containerName(memcg ?? {}) ?? `the cgroup ${path}`);
  const none = kind === 'oom-no-victim' ? ', and nobody in it may be killed' : '';
  if (usage === undefined || limit === undefined)
    return { why: 'memcg-limit', text: `The memory limit of ${whose} was met${none}; the log does not say how large it is.` };
  if (!over(usage, limit) && over(kmemUsage, kmemLimit))
    return { why: 'memcg-limit', text: `${capital(whose)} met its limit of kernel memory (${bytes(kmemLimit ?? 0)})${none}.` };
  if (!over(usage, limit) && over(swapUsage, swapLimit))
    return { why: 'memcg-limit', text: `${capital(whose)} met its limit of memory and swap together (${bytes(swapLimit ?? 0)})${none}.` };
  const waiting = unwritten(memcg) ?? 0;
  const dirty = waiting >= UNWRITTEN * limit ? ` ${bytes(waiting)} of it were file pages that had to be written to disk first.` : '';
  // v1 counts memory and swap together: a limit no larger than that of memory leaves no swap
  const together = swapLimit !== undefined && swapLimit >= limit && (swapUsage ?? 0) >= usage;
  const unswappable = swapLimit === (together ? limit : 0);
  const swap = unswappable ? '; it may not swap' : over(swapUsage, swapLimit) ? '; its swap is used up as well' : '';
  const kernel = (kmemUsage ?? 0) >= HEAVY * limit ? ` ${bytes(kmemUsage ?? 0)} of it were the kernel’s own, and not of processes.` : '';
  return {
    why: 'memcg-limit',
    text: `${capital(whose)} used ${bytes(usage)} of the ${bytes(limit)} it may use${swap}${none}.${kernel}${dirty} The host itself may have had memory left.`,
  };
}

const over = (used: number | undefined, most: number | undefined): boolean =>
  used !== undefined && most !== undefined && most < 2 ** 60 && most > 0 && used >= most * 0.99;

/** A figure that cannot be true; null: none. Wrapped counters of 64 bits are above 2^60. */
function impossible(moment: Moment): string | null {
  const ram = ramOf(moment);
  const most = ram === undefined || ram === 0 || moment.totals['ram'] === undefined ? 2 ** 60 : Math.min(2 ** 60, ram * BEYOND);
  const total = COUNTERS.find((name) => (moment.totals[name] ?? 0) > most);
  if (total !== undefined)
    return `${total} is ${bytes(moment.totals[total] ?? 0)}${ram === undefined ? '' : ` on a host with ${bytes(ram)}`}`;
  for (const zone of moment.zones) {
    const { present = 0 } = zone;
    const wrong = (['free', 'min', 'managed'] as const).find((name) => {
      const value = zone[name] ?? 0;
      return value > 2 ** 60 || (present > 0 && value > present * 1.01 && value - present > 2 ** 20);
    });
    if ((zone.reserves ?? []).some((reserve) => reserve > 2 ** 60)) return `${zoneName(zone)} keeps back more than any host has`;
    if (wrong !== undefined)
      return `${zoneName(zone)} has ${wrong} ${bytes(zone[wrong] ?? 0)}${present > 0 ? ` of ${bytes(present)} present` : ''}`;
  }
  return null;
}
