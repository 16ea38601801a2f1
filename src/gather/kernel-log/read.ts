import type { KernelLog } from '../sources/kernel-log.js';
import { events } from './events.js';
import { type LogLine, type Style, takePrefix } from './prefix.js';

/** A line is read to here: printk's own bound is 1024 bytes, paths of cgroups may make it longer. */
const LONGEST = 4096;
/** A line that something wrapped: its end is missing. */
const WRAPPED =
  /invoked oom-killer:(?!.*order=)|page allocation (?:failure|stalls)(?!.*mode:)|Killed process(?!.*-rss)|Killed process.*,$|Kill process(?!.*score)/;
/** What begins a line of its own, whatever stands before. */
const BEGINS =
  /^(?:oom-kill:|oom_reaper:|Memory cgroup|Out of |Killed process|Task in |.{1,64}? invoked oom-killer|.{1,64}?: page allocation|Mem-Info:|CPU: )/;

/** Reads a kernel log in one pass. It is text of many origins: what is not recognised is passed over, nothing is an error. */
export function readLog(text: string): KernelLog {
  const found = events();
  const styles = new Map<Style, number>();
  const seen = { lines: 0, firstTime: null as number | null, lastTime: null as number | null };
  let held: LogLine | null = null;
  for (const line of linesOf(text)) {
    seen.lines += 1;
    const record = takePrefix(line);
    if (held !== null && continues(held, record)) {
      held = joined(held, record);
      continue;
    }
    if (held !== null) found.take(held);
    held = record;
    styles.set(record.style, (styles.get(record.style) ?? 0) + 1);
    seen.firstTime ??= record.time;
    seen.lastTime = record.time ?? seen.lastTime;
  }
  if (held !== null) found.take(held);
  const [usual] = [...styles].sort(([, a], [, b]) => b - a);
  return { from: usual?.[0] ?? 'plain', ...seen, events: found.all() };
}

/** True when a line is the rest of the one before, wrapped on its way here: it has no prefix, and its beginning lacks an end. */
const continues = (held: LogLine, { style, text }: LogLine): boolean =>
  style === 'plain' && held.text.length < LONGEST && WRAPPED.test(held.text) && !BEGINS.test(text);

const joined = (held: LogLine, { text }: LogLine): LogLine => ({ ...held, text: `${held.text} ${text}` });

/** The lines of a text that are not blank, one at a time: a log may have hundreds of thousands. */
function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    const line = text.slice(at, Math.min(stop, at + LONGEST)).trimEnd();
    if (line !== '') yield line;
    at = stop + 1;
  }
}
