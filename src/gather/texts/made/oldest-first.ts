import { takePrefix } from '../../kernel-log/prefix.js';
import { epochOf } from '../../kernel-log/wall-time.js';

/** syslog's date has no year: enough to compare two lines of one paste. */
const SYSLOG = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = 86_400;
/** So often the clock goes back, and never on: nobody's chance. */
const STEPS = 3;
/** The kernel prints this line before that of the kill. */
const CHOSEN = /^oom-kill:constraint=/;
const KILLED = /^(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d/;

/** `journalctl -r`, and viewers that show the newest line first: turned round, each line with those below it that have no clock. */
export function oldestFirst(lines: readonly string[]): readonly string[] {
  const first = lines.find((line) => clockOf(line) !== null);
  const last = lines.findLast((line) => clockOf(line) !== null);
  if (first === undefined || last === undefined || (clockOf(last) ?? 0) >= (clockOf(first) ?? 0)) return lines;
  const groups: string[][] = [];
  let steps = 0;
  let before: number | null = null;
  for (const line of lines) {
    const clock = clockOf(line);
    if (clock === null && groups.length > 0) {
      groups.at(-1)?.push(line);
      continue;
    }
    groups.push([line]);
    if (clock !== null && before !== null && clock > before) return lines;
    if (clock !== null && before !== null && clock < before) steps += 1;
    before = clock ?? before;
  }
  return steps >= STEPS || killedFirst(lines) ? groups.toReversed().flat() : lines;
}

/** True when the line of a kill stands right before the one that the kernel printed first. */
function killedFirst(lines: readonly string[]): boolean {
  const texts = lines.map((line) => takePrefix(line).text);
  return texts.some((text, index) => KILLED.test(text) && CHOSEN.test(texts[index + 1] ?? ''));
}

/** Seconds on one clock or another; null for a line without. */
function clockOf(line: string): number | null {
  const { time, wallTime } = takePrefix(line);
  if (time !== null) return time;
  if (wallTime !== undefined) return epochOf(wallTime);
  const [, month = '', day, hours, minutes, seconds] = SYSLOG.exec(line) ?? [];
  const index = MONTHS.indexOf(month);
  return index < 0 ? null : (index * 31 + Number(day)) * DAY + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
