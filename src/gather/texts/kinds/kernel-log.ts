import { looksJson, ofJson } from '../../kernel-log/journal.js';
import { takePrefix } from '../../kernel-log/prefix.js';
import { completes } from '../../kernel-log/unwrap.js';
import { defineText } from '../kind.js';
import { fileOf, stem } from '../shape.js';
import { meminfoOfEarlyoom } from '../made/earlyoom.js';
import { filesFrom } from '../made/files.js';
import { oldestFirst } from '../made/oldest-first.js';
import { slabinfoOfLog } from '../made/slabs-of-log.js';
import { errorLineOf, refusesTask } from '../errors-of-programs.js';
import { logCertainty } from '../log-line.js';

/** Lines that do not look so, between two that do: wrapped ones, those of programs on the same console. */
const GAP = 3;
const GAP_OF_LOG = 40;
/** So many lines one line of the log was broken into, at most. */
const PARTS = 6;
/** A text that is named after a log is searched so far for a line of it. */
const SEARCHED = 50;
const NAMED = /dmesg|kern(?:el)?[-_.]?log|(?:^|\/)(?:kern|messages|syslog|journal|console|vmcore-dmesg)/i;

/** systemd, src/core/unit.c: oom_kill of the events of the unit's cgroup rose, at a limit or for the host. */
const UNIT_KILLED = /^([\w@:.\\-]{1,200}\.(?:service|scope|slice)): A process of this unit has been killed by the OOM killer\.$/;
/** The kernel says more. */
const BY_KERNEL = /\binvoked oom-killer|Killed process \d|oom-kill:constraint|systemd-oomd/;
const placeOf = (unit: string): string => `sys/fs/cgroup/${unit.endsWith('.slice') ? '' : 'system.slice/'}${unit}`;

/** The kernel log, or a part of it, with prefixes or without: an OOM report in the middle of a ticket. */
export default defineText({
  title: 'kernel log',
  docs: 'https://docs.kernel.org/admin-guide/sysctl/kernel.html#printk',
  origin: 'kernel',
  hint: NAMED,
  span: (lines, at, hinted, told = '') => {
    if (hinted && isFile(told)) {
      for (let index = at; index < Math.min(lines.length, at + SEARCHED); index += 1)
        if (logCertainty(lines[index] ?? '') === 2) return lines.length - at;
      return 0;
    }
    if (logCertainty(lines[at] ?? '') < 2) return 0;
    const most = hinted ? GAP_OF_LOG : GAP;
    let end = at + 1 + rest(lines, at);
    for (let index = end, gap = 0; index < lines.length && gap <= most; index += 1) {
      const line = lines[index] ?? '';
      const certainty = logCertainty(line);
      // after a gap, what is only likely is not enough
      if (certainty === 2 || (certainty === 1 && gap <= 1)) {
        end = index + 1 + rest(lines, index);
        index = end - 1;
        gap = 0;
      } else gap += line === '' && hinted ? 0 : 1;
    }
    return end - at;
  },
  read: (pasted, { pageSize }) => {
    const lines = oldestFirst(pasted);
    const [sample] = fileOf('kernel-log.txt', lines);
    if (sample === undefined) return [];
    // what programs wrote beside the kernel: figures of earlyoom, a shell that may not fork
    const told = lines.some((line) => BY_KERNEL.test(line));
    // while the kernel kills, what is refused to others has the same cause
    const refused = lines.map(textOf).filter((text, index) => refusesTask(text) || (!told && isRefused(lines[index] ?? '', text)));
    const units = told ? [] : lines.flatMap((line) => UNIT_KILLED.exec(textOf(line))?.[1] ?? []);
    const more = {
      // how often is not told: once for each line
      ...Object.fromEntries(
        [...new Set(units)].map((unit) => [
          `${placeOf(unit)}/memory.events`,
          `oom_kill ${units.filter((other) => other === unit).length}\n`,
        ]),
      ),
      'proc/meminfo': meminfoOfEarlyoom(lines),
      'proc/slabinfo': slabinfoOfLog(lines, pageSize),
      'errors.txt': refused.length === 0 ? null : `${refused.join('\n')}\n`,
    };
    return [{ ...sample, files: new Map([...sample.files, ...filesFrom(more)]) }];
  },
});

/** True for a line of a program that was refused memory: those of the kernel have their own reader. */
const isRefused = (line: string, text: string): boolean =>
  !looksJson(line) && takePrefix(line).program !== null && errorLineOf(text) !== null;

/** What a line says, without what stands before it. */
const textOf = (line: string): string => (looksJson(line) ? ofJson(line)?.text : undefined) ?? takePrefix(line).text;

/** How many lines after this one can only be the rest of it, broken by a mail program or a terminal. */
function rest(lines: readonly string[], at: number): number {
  let held = takePrefix(lines[at] ?? '').text;
  let length = 0;
  while (length < PARTS) {
    const next = (lines[at + length + 1] ?? '').trim();
    if (next === '' || logCertainty(next) > 0 || !completes(held, next)) return length;
    held = `${held} ${next}`;
    length += 1;
  }
  return length;
}

/** A command has no such ending. */
const isFile = (told: string): boolean => /\.\w{1,5}$/.test(told) || (stem(told) !== 'dmesg' && !/\s/.test(told) && told !== 'journalctl');
