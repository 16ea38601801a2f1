import { defineFacts, Unknown } from './fact.js';
import { demandOneView } from './sums.js';
import type { View } from './view.js';

/** The log is read a moment after the uptime. */
const SLACK_S = 60;
/** The two files count the header page of an area alike; more than this is not rounding. */
const ALIKE = 0.02;

/** What two files say of the same thing, where both cannot be true. */
const CHECKS: readonly ((view: View) => string | null)[] = [trafficWithoutSwap, swapAreas, killsNotCounted, logAhead];

/** Whether all that was read is of one host and one boot. */
export default defineFacts({
  'view.conflict': {
    title: 'Two files that cannot both be true',
    unit: 'text',
    formula:
      'SwapTotal 0 in both samples and pswpin or pswpout rises; SwapTotal is not Σ size of /proc/swaps; the kernel log has OOM kills and oom_kill is 0; the kernel log ends after the uptime; else none',
    validity: 'where /proc/meminfo is that of a container its swap is not compared',
    value: (view) => {
      const told = CHECKS.map((check) => view.maybe(() => check(view))).filter((text) => text !== undefined);
      if (told.length === 0) throw new Unknown('no two files that tell of the same were read');
      return told.find((text) => text !== null) ?? 'none';
    },
  },
});

function trafficWithoutSwap(view: View): string | null {
  demandOneView(view);
  const { first, last } = view.pair('meminfo');
  view.used('/proc/meminfo SwapTotal');
  if (first['SwapTotal'] !== 0 || last['SwapTotal'] !== 0) return null;
  const pages = view.delta('pswpin') + view.delta('pswpout');
  return pages > 0 ? '/proc/meminfo has no swap, and /proc/vmstat counts pages that went in or out of it' : null;
}

function swapAreas(view: View): string | null {
  demandOneView(view);
  const areas = view.last('swaps');
  view.used('/proc/swaps Size, Used');
  const total = view.meminfo('SwapTotal');
  const sum = areas.reduce((all, { size }) => all + size, 0);
  // of an area that swapoff is emptying SwapTotal counts only what is still in it: si_swapinfo() of mm/swapfile.c
  const possible = [sum, ...areas.map(({ size, used }) => sum - size + used)];
  const fits = possible.some((each) => Math.abs(each - total) <= ALIKE * Math.max(sum, total));
  return fits ? null : 'the areas of /proc/swaps do not add up to SwapTotal of /proc/meminfo';
}

function killsNotCounted(view: View): string | null {
  const log = view.last('kernel-log');
  const uptime = view.number('sample.uptime');
  // a log of an earlier boot, or one without a clock, tells of kills that need not be counted now
  if (log.lastTime === null || log.lastTime > uptime + SLACK_S) return null;
  const kills = view.number('oom.log_kills');
  return kills > 0 && view.vmstat('oom_kill') === 0
    ? 'the kernel log tells of OOM kills, and /proc/vmstat has counted none since boot'
    : null;
}

function logAhead(view: View): string | null {
  const { lastTime } = view.last('kernel-log');
  const uptime = view.number('sample.uptime');
  view.used('time stamps of the kernel log');
  if (lastTime === null) throw new Unknown('the kernel log has no time stamps', 'kernel-log');
  return lastTime > uptime + SLACK_S ? 'the kernel log ends later than the host has been up: it is of another boot or host' : null;
}
