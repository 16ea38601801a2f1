import { defineText, type TextSample } from '../kind.js';
import { duration, size } from '../made/figures.js';
import { countersText, filesFrom, meminfoText } from '../made/files.js';
import { type Moment, series } from '../made/series.js';
import { run } from '../shape.js';

const HEAD = /^\s*ATOP - \S{1,253}\s+\d{4}\/\d\d\/\d\d\s+\d\d:\d\d:\d\d\s.*?(?:(\S{2,20}) elapsed)?\s*$/;
/** `MEM | tot 15.5G | free 812.2M | … |`; on narrow screens some are left out. */
const LINE = /^\s*(?:PRC|CPU|cpu|CPL|NUM|NUC|MEM|SWP|LLC|PAG|PSI|LVM|MDD|DSK|NFM|NFC|NFS|NET|GPU)\s{1,3}\|.{10,600}\|\s*$/;
const FIGURE = /\|\s*([a-z]{2,8})\s+(\d[\d.,]{0,12})([KMGTP]?)(?=\s*\|)/g;
/** Counters of a longer time tell nothing of now; the first screen is since boot. */
const LONGEST = 3600;
const NAMES: Readonly<Record<string, string>> = {
  tot: 'MemTotal',
  free: 'MemFree',
  cache: 'Cached',
  dirty: 'Dirty',
  buff: 'Buffers',
  slab: 'Slab',
  slrec: 'SReclaimable',
  shmem: 'Shmem',
};
const SWAP: Readonly<Record<string, string>> = {
  tot: 'SwapTotal',
  free: 'SwapFree',
  swcac: 'SwapCached',
  vmcom: 'Committed_AS',
  vmlim: 'CommitLimit',
};
const PAGING: Readonly<Record<string, string>> = { swin: 'pswpin', swout: 'pswpout', oomkill: 'oom_kill' };

/** The lines of the system above the processes of atop: memory, swap, and the paging of the interval. */
export default defineText({
  title: 'atop',
  docs: 'https://man7.org/linux/man-pages/man1/atop.1.html',
  origin: 'tool',
  hint: /\batop\b/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => line.length < 1000 && (HEAD.test(line) || LINE.test(line)));
    return lines.slice(at, at + length).some((line) => /^\s*(?:MEM|SWP)\s+\|/.test(line)) ? length : 0;
  },
  // the last screen counts: each tells of its own interval
  read: (lines) =>
    readScreen(
      lines.slice(
        Math.max(
          0,
          lines.findLastIndex((line) => HEAD.test(line)),
        ),
      ),
    ),
});

function readScreen(lines: readonly string[]): readonly TextSample[] {
  const of = (
    label: string,
    names: Readonly<Record<string, string>>,
    read: (word: string) => number | null,
  ): Record<string, number | null> =>
    Object.fromEntries(
      lines
        .filter((line) => line.trimStart().startsWith(label))
        .flatMap((line) => [...line.matchAll(FIGURE)])
        .flatMap(([, name = '', digits = '', unit = '']) => (names[name] === undefined ? [] : [[names[name], read(`${digits}${unit}`)]])),
    );
  const memory = { ...of('MEM', NAMES, size), ...of('SWP', SWAP, size) };
  // the interval tells of kills in it, not that there was none since boot
  const counted = of('PAG', PAGING, (word) => (/^\d{1,15}$/.test(word) ? Number(word) : null));
  if (counted['oom_kill'] === 0) delete counted['oom_kill'];
  const elapsed = secondsOf(lines.map((line) => HEAD.exec(line)?.[1]).find((word) => word !== undefined) ?? '');
  const meminfo = meminfoText(memory);
  const now = filesFrom({ 'proc/meminfo': meminfo });
  if (elapsed === null || elapsed > LONGEST || countersText(counted) === null) return series([{ files: now, at: null }]);
  const before = Object.fromEntries(Object.keys(counted).map((name) => [name, 0]));
  const moments: Moment[] = [
    { files: filesFrom({ 'proc/vmstat': countersText(before) }), at: 0 },
    { files: filesFrom({ 'proc/meminfo': meminfo, 'proc/vmstat': countersText(counted) }), at: elapsed },
  ];
  return series(moments);
}

/** `10m0s`, `10s`, `1h2m3s`, `16d2h11m`; or a clock. Null for another word. */
function secondsOf(word: string): number | null {
  const [, days, hours, minutes, seconds] = /^(?:(\d{1,5})d)?(?:(\d{1,3})h)?(?:(\d{1,3})m)?(?:(\d{1,3})s)?$/.exec(word) ?? [];
  if ([days, hours, minutes, seconds].every((part) => part === undefined)) return duration(word);
  const total = Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return total > 0 ? total : null;
}
