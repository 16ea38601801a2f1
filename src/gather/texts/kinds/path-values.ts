import { plainPath } from '../../trees/paths.js';
import { defineText, oneSample } from '../kind.js';
import { run } from '../shape.js';

const LINE = /^\s*(?:(\/(?:proc|sys)\/[^\s:]{1,300}):(.*)|(?:\.\/)?(memory\.[a-z_.]{3,40})(?:: ?| ?= ?|\s+)(\S.*))$/;
/** A lone line must be sure. */
const SURE = /^\s*(?:\/(?:proc|sys)\/|memory\.[a-z_.]{3,40}(?:: ?| ?= ?|\s+)(?:\d{1,20}|max)$)/;

/** Where a file of a cgroup that is named without its directory is. */
const rootOf = (name: string): string =>
  /_in_bytes$|failcnt$|oom_control$|use_hierarchy$/.test(name) ? 'sys/fs/cgroup/memory/' : 'sys/fs/cgroup/';

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
      const path = plainPath(match?.[1]?.slice(1) ?? `${rootOf(match?.[3] ?? '')}${match?.[3] ?? '..'}`);
      // what grep says of a file that it could not read is no value
      if (path === null || /^ (?:Permission denied|Invalid argument|Operation not)/.test(value)) continue;
      files.set(path, `${files.get(path) ?? ''}${value.replace(/^ /, '')}\n`);
    }
    return oneSample(files);
  },
});
