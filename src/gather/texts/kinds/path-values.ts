import { plainPath } from '../../trees/paths.js';
import { defineText, oneSample } from '../kind.js';
import { rootOfCgroup } from '../prompt.js';
import { size } from '../made/figures.js';
import { run } from '../shape.js';

const LINE = /^\s*(?:(\/(?:proc|sys)\/[^\s:]{1,300}):(.*)|(?:\.\/)?(memory\.[a-z_.]{3,40})(?: {0,20}[:=]\s*|\s+)(\S.*))$/;
/** A lone line must be sure: a number, as the kernel writes it or as people do, and no more but a remark set apart. */
const SURE =
  /^\s*(?:\/(?:proc|sys)\/|memory\.[a-z_.]{3,40}(?: {0,20}[:=] {0,20}|\s+)(?:\d[\d,.']{0,30}(?: ?[KMGTP]i?B?| {1,4}bytes)?|max|infinity)(?:$|\s{2}|\s{1,4}[(#]))/;
/** Files that hold one size. */
const SIZE = /^memory\.(?:(?:swap\.)?(?:current|max|high|peak)|low|min|\w{3,30}_in_bytes)$/;
/** `16,777,216,000 bytes (15.6 GiB)`, `2G`, `1.5 GiB`: the number and its unit. */
const FIGURE = /^(\d[\d,.']{0,30}) ?([KMGTP]i?B?\b)?/;
/** One counter of memory.events, written as if it had a file of its own; or with a remark after it. */
const COUNTER = /^memory\.events(?:\.local)?\.(\w{2,20})$/;
const COUNTED = /^(?:\d{1,3}(?:,\d{3}){1,6}|\d{1,20})(?=$|\s)/;
const COUNTS = /\b(low|high|max|oom|oom_kill|oom_group_kill)[ =:]{1,4}(\d{1,3}(?:,\d{3}){1,6}|\d{1,20})(?=$|[\s,;])/g;

/** `path:value` lines, as `grep . *` and `grep -r . /sys/…` print them. */
export default defineText({
  title: 'grep -r of /proc or /sys',
  docs: 'https://man7.org/linux/man-pages/man1/grep.1.html',
  origin: 'kernel',
  span: (lines, at) => {
    if (!SURE.test(lines[at] ?? '') && !LINE.test(lines[at + 1] ?? '')) return 0;
    return run(lines, at, (line) => LINE.test(line) && !/^\s*\/proc\/meminfo:/.test(line));
  },
  read: (lines) => {
    const files = new Map<string, string>();
    for (const line of lines) {
      const match = LINE.exec(line);
      const value = match?.[2] ?? match?.[4] ?? '';
      const [name, content] = asKernel(match?.[3] ?? '', value);
      const path = plainPath(match?.[1]?.slice(1) ?? `${rootOfCgroup(name)}${name === '' ? '..' : name}`);
      // what grep says of a file that it could not read is no value
      if (path === null || /^ (?:Permission denied|Invalid argument|Operation not)/.test(value)) continue;
      files.set(path, `${files.get(path) ?? ''}${content.replace(/^ /, '')}\n`);
    }
    return oneSample(files);
  },
});

/** The name and the content of a file of a cgroup as the kernel has them, where somebody wrote them for people. */
function asKernel(name: string, value: string): [name: string, content: string] {
  const counter = COUNTER.exec(name)?.[1];
  const counted = counter === undefined ? undefined : COUNTED.exec(value)?.[0];
  if (counted !== undefined) return ['memory.events', `${counter} ${counted.replaceAll(',', '')}`];
  if (/^memory\.events(?:\.local)?$/.test(name)) {
    const pairs = [...value.slice(0, 400).matchAll(COUNTS)].map(([, label = '', count = '']) => `${label} ${count.replaceAll(',', '')}`);
    return [name, pairs.length === 0 ? value : pairs.join('\n')];
  }
  if (!SIZE.test(name)) return [name, value];
  if (/^(?:max|infinity)\b/.test(value)) return [name, 'max'];
  const [, digits = '', unit = ''] = FIGURE.exec(value) ?? [];
  const bytes = size(`${digits}${unit}`);
  return bytes === null ? [name, value] : [name, String(bytes)];
}
