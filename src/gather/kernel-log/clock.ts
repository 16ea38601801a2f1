import type { KernelLog } from './schema.js';
import type { LogLine } from './prefix.js';
import { epochOf, hasZone } from './wall-time.js';

type Told = Pick<KernelLog, 'firstTime' | 'lastTime' | 'firstWallTime' | 'lastWallTime' | 'bootWallTime' | 'boots' | 'kernel'>;

/** A log of one boot is in order but for CPUs that print at once: a greater fall, to near 0, is a new boot. */
const FALL = 60;
const NEAR_BOOT = 120;
const VERSION = /^Linux version (\d{1,3}\.\d{1,3}\S{0,80})/;
/** `CPU: 1 PID: 2 Comm: x Not tainted 6.1.0-13-amd64 #1`; before 3.9 `Pid: 2, comm: x Not tainted 2.6.32-431.el6.x86_64 #1`. */
const TAINTED =
  /(?:Not tainted|Tainted: [A-Z ()-]{1,60}?|Tainted: \[[^\]]{1,80}\][^\d]{0,80}?)[ ,]{1,8}(\d{1,3}\.\d{1,3}\.\d\S{0,80})(?: #| \(|$)/;

/** Follows the times of a log, and the boots that they show. */
export interface Clock {
  readonly take: (record: LogLine) => void;
  readonly all: () => Told;
}

/** Starts before the first line. */
export function clock(): Clock {
  const told: { -readonly [K in keyof Told]: Told[K] } = { firstTime: null, lastTime: null };
  let boots = 1;
  /** What the last line with both clocks said. */
  let both: { wallTime: string; time: number } | null = null;
  /** "Linux version" has been seen in this boot. */
  let announced = false;

  function boot(): void {
    boots += 1;
    both = null;
  }
  return {
    take: ({ time, wallTime, program, text, style }) => {
      const before = told.lastTime;
      const release = style === 'plain' || program !== null ? undefined : VERSION.exec(text)?.[1];
      const fell = time !== null && before !== null && time < NEAR_BOOT && time + FALL < before;
      if (fell || (release !== undefined && (announced || (time !== null && before !== null && time + 1 < before)))) {
        boot();
        announced = false;
      }
      if (release !== undefined) announced = true;
      told.kernel = release ?? (text.includes('ainted') ? TAINTED.exec(text)?.[1] : undefined) ?? told.kernel ?? '';
      if (time !== null) {
        told.firstTime ??= time;
        told.lastTime = time;
      }
      if (wallTime === undefined) return;
      told.firstWallTime ??= wallTime;
      told.lastWallTime = wallTime;
      if (time !== null) both = { wallTime, time };
    },
    all: () => {
      const { kernel = '', ...rest } = told;
      const bootWallTime = both === null ? null : bootOf(both.wallTime, both.time);
      return {
        ...rest,
        ...(bootWallTime === null ? {} : { bootWallTime }),
        ...(kernel === '' ? {} : { kernel }),
        ...(boots > 1 ? { boots } : {}),
      };
    },
  };
}

/** When the host was booted by a line with both clocks; in the log's own zone when it does not say which. */
function bootOf(wallTime: string, time: number): string | null {
  const epoch = epochOf(wallTime) - time;
  if (Number.isNaN(epoch)) return null;
  const iso = new Date(Math.round(Math.max(0, Math.min(epoch, 8.64e12)) * 1000)).toISOString();
  return hasZone(wallTime) ? iso : iso.slice(0, -1);
}
