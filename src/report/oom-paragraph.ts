/** What happened at an OOM in a few sentences that need no knowledge of the kernel. Pure; names are not escaped. */
import { cgroupName } from '../facts/oom-killed.js';
import { atLimit } from '../facts/oom-moment.js';
import type { OomSheet } from '../facts/oom-sheet.js';
import { killedOf, ownSize, taskName, taskSize, topGroup, topTask, victimText } from '../facts/oom-victim.js';
import type { Reason, Why } from '../facts/oom-reason.js';
import { scopeOf } from '../facts/oom-why.js';
import { bytes, duration, percent } from '../format.js';
import type { Moment } from '../gather/kernel-log/schema.js';

/** Lines of the sheet that the paragraph names: as many as make this share, and no more than three, %. */
const TELLS = 80;

/** Causes whose text names what fills the memory. */
const NAMED: ReadonlySet<Why> = new Set(['no-swap', 'swap-full', 'shmem', 'locked', 'hugepages', 'kernel']);

/** Where “the host ran out of memory” would say too much. */
const PARTS: Readonly<Partial<Record<Why, string>>> = {
  'low-zone': 'the memory that only a part of the host’s RAM can serve ran out',
  'movable-only': 'the memory that only a part of the host’s RAM can serve ran out',
  fragmentation: 'the host had no piece of free memory large enough',
  policy: 'the kernel declared the host out of memory',
  accounting: 'the kernel declared the host out of memory',
};

/** When it was: by the clock where the log has it, else since boot. */
export function whenText({ time, wallTime }: Pick<Moment, 'time' | 'wallTime'>): string {
  const since = time === null ? null : `${duration(time)} after boot`;
  if (wallTime !== undefined) return `At ${wallTime}${since === null ? '' : ` (${since})`}`;
  return since === null ? 'At an unknown time' : capital(since);
}

/** The paragraph on a moment. */
export function paragraphOf(moment: Moment, reason: Reason, sheet: OomSheet | null): string {
  return [happened(moment, reason.why), reason.text, sheet && where(sheet, reason.why), who(moment, sheet), victimSentence(moment)]
    .filter(Boolean)
    .join(' ');
}

function happened(moment: Moment, why: Why): string {
  const killed = killedOf(moment);
  const when = moment.time === null && moment.wallTime === undefined ? '' : whenText(moment);
  const say = (text: string): string => (when === '' ? capital(text) : `${when} ${text}`);
  const asked = moment.trigger === undefined || moment.order === -1 ? '' : ` ${taskName(moment.trigger)} asked for memory;`;
  const home = killed !== undefined && !atLimit(moment) ? cgroupName(moment) : null;
  const held = killed?.rss === null || killed === undefined ? '' : `, which held ${bytes(killed.rss)}`;
  const more = (moment.victims?.length ?? 0) > 1 ? ` and ${(moment.victims?.length ?? 0) - 1} more` : '';
  if (moment.kind === 'allocation-failure' || moment.kind === 'allocation-stall') {
    const what = moment.kind === 'allocation-stall' ? 'waited long for memory' : 'was refused memory';
    const pieces = moment.order === undefined ? '' : ` (${bytes(2 ** Math.max(0, moment.order) * (moment.pageSize ?? 4096))} in one piece)`;
    return say(
      `${moment.trigger === undefined ? 'an allocation' : `process ${taskName(moment.trigger)}`} ${what}${pieces}; nothing was killed.`,
    );
  }
  const [name, scope] = [cgroupName(moment), scopeOf(moment)];
  const place =
    scope === 'cgroup'
      ? `${name === null ? 'a control group' : /^(?:pod|container) /.test(name) ? name : `control group ${name}`} reached its memory limit`
      : scope === 'manual'
        ? 'the OOM killer was called by hand'
        : scope === 'cpuset' || scope === 'mempolicy'
          ? 'the NUMA nodes that a process is bound to ran out of memory'
          : (PARTS[why] ?? 'the host ran out of memory');
  if (killed) return say(`${place}:${asked} the kernel killed ${taskName(killed)}${home === null ? '' : ` of ${home}`}${held}${more}.`);
  if (moment.panic !== undefined) return say(`${place}:${asked} the kernel panicked.`);
  return say(
    `${place}:${asked} ${moment.kind === 'oom-no-victim' ? 'the kernel found nobody that it may kill' : 'the log does not show who was killed'}.`,
  );
}

/** Where the memory was: the largest lines. */
function where(sheet: OomSheet, why: Why): string {
  const share = (size: number): string => percent((100 * size) / sheet.totalBytes);
  const lost =
    sheet.unaccountedBytes > 0
      ? [{ name: sheet.missing.length > 0 ? 'on lines that the report lacks' : 'on no line of the report', bytes: sheet.unaccountedBytes }]
      : [];
  const lines = [...sheet.lines.filter(({ key }) => key !== 'free'), ...lost].toSorted((a, b) => b.bytes - a.bytes);
  const told: string[] = [];
  let sum = 0;
  for (const { name, bytes: size } of lines.slice(0, 3)) {
    if ((100 * sum) / sheet.totalBytes >= TELLS || (100 * size) / sheet.totalBytes < 1) break;
    told.push(`${name} ${bytes(size)} (${share(size)})`);
    sum += size;
  }
  const free = sheet.lines.filter(({ key }) => key === 'free').reduce((total, line) => total + line.bytes, 0);
  const of = sheet.of === 'cgroup' ? 'limit' : 'RAM';
  if (told.length === 0) return '';
  // the cause has named it already
  if (told.length === 1 && NAMED.has(why))
    return `Only ${bytes(free)} (${share(free)}) ${sheet.of === 'cgroup' ? 'were not used' : 'were free'}.`;
  const rest =
    sheet.of === 'cgroup' && free === 0 ? '' : `; ${sheet.of === 'cgroup' ? 'not used' : 'free'} ${bytes(free)} (${share(free)})`;
  return `Of ${bytes(sheet.totalBytes)} of ${of}: ${told.join(', ')}${rest}.`;
}

/** Who held it: one process, or a pool of equal workers. */
function who(moment: Moment, sheet: OomSheet | null): string {
  const [top, group] = [topTask(moment), topGroup(moment)];
  if (top === undefined) return '';
  const of = sheet === null ? null : sheet.totalBytes;
  const part = (size: number): string =>
    of === null || size > of ? bytes(size) : `${bytes(size)} (${percent((100 * size) / of)} of ${atLimit(moment) ? 'the limit' : 'RAM'})`;
  if (group && ownSize(group) > 2 * taskSize(top))
    return `${group.count} processes named ${group.name} held ${part(ownSize(group))} together${of !== null && ownSize(group) > of ? ', pages that they share counted for each' : ''}.`;
  const killed = killedOf(moment);
  if (killed?.row === top) return '';
  return `The largest process was ${taskName(top)} with ${part(taskSize(top))}.`;
}

const victimSentence = (moment: Moment): string => (moment.kind.startsWith('allocation') ? '' : victimText(moment));

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
