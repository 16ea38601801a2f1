import { defineText } from '../kind.js';
import { fileOf, isPath, stem } from '../shape.js';

/** Of the files that are recognised by their names only, where they are. */
const BY_NAME: readonly (readonly [RegExp, string, RegExp])[] = [
  [/^dentry[-_]state$/, 'proc/sys/fs/dentry-state', /^\d+(?:\s+\d+){5}$/],
  [/^inode[-_]state$/, 'proc/sys/fs/inode-state', /^\d+(?:\s+\d+){6}$/],
  [/^inode[-_]nr$/, 'proc/sys/fs/inode-nr', /^\d+\s+\d+$/],
  [/^file[-_]nr$/, 'proc/sys/fs/file-nr', /^\d+\s+\d+\s+\d+$/],
  [/^mm[-_]stat$/, 'sys/block/zram0/mm_stat', /^\d+(?:\s+\d+){6,9}$/],
  [/^(?:proc[-_])?cmdline$/, 'proc/cmdline', /\S/],
  [/^memory[._-](?:current|max|high|low|min|peak)$/, 'sys/fs/cgroup/memory.$', /^(?:\d{1,20}|max)$/],
  [/^memory[._-](?:usage|limit|max_usage)_in_bytes$/, 'sys/fs/cgroup/memory/memory.$', /^\d{1,20}$/],
  [/^hostname$/, 'proc/sys/kernel/hostname', /^[\w.-]{1,253}$/],
];
/** Settings that people save under their own names. */
const SETTING =
  /^(?:(?:proc[-_.])?sys[-_.])?(?:vm[-_.])?(swappiness|min_free_kbytes|overcommit_(?:memory|ratio|kbytes)|zone_reclaim_mode|watermark_(?:scale|boost)_factor|vfs_cache_pressure|max_map_count|dirty_(?:background_)?(?:ratio|bytes)|lowmem_reserve_ratio|nr_hugepages|panic_on_oom|extfrag_threshold|compaction_proactiveness)$/;
/** Files of one line: what comes after is not theirs. */
const ONE_LINE =
  /^(?:proc\/sys\/|proc\/(?:cmdline|uptime|loadavg)$|sys\/(?:kernel|module|block|devices)\/|sys\/fs\/cgroup\/.*memory\.(?:current|max|high|low|min|peak|swap\.\w+|\w+_in_bytes|failcnt)$|etc\/hostname$)/;
const FAILED = /: (?:No such file|Permission denied|Operation not|Invalid argument|cannot open|command not found|Is a directory)/;
/** Paths that other kinds know by their lines: those that do not look so are not what the path says. */
const SHAPED = /^proc\/(?:meminfo|vmstat|slabinfo|zoneinfo|buddyinfo|pagetypeinfo|swaps|pressure\/\w+)$/;

function isFirst(lines: readonly string[], at: number): boolean {
  let before = at - 1;
  while (before >= 0 && lines[before] === '') before -= 1;
  return before < 0;
}

const namedPath = (told: string): string | null =>
  isPath(told)
    ? told
    : // `$` stands for what follows `memory.` in the name
      (BY_NAME.find(([name]) => name.test(stem(told)))?.[1].replace('$', () => stem(told).slice('memory.'.length)) ?? settingPath(told));

function settingPath(told: string): string | null {
  const name = SETTING.exec(stem(told))?.[1];
  return name === undefined ? null : `proc/sys/vm/${name}`;
}

/** True when a line is what a file looks like that only its name tells of. */
const looksSo = (told: string, line: string): boolean =>
  settingPath(told) === null
    ? BY_NAME.some(([name, , shape]) => name.test(stem(told)) && shape.test(line))
    : /^\d+(?:\s+\d+){0,10}$/.test(line);

/** Whatever a prompt, a header or the name of the text says that it is a certain file of the kernel. */
export default defineText({
  title: 'a file named by a prompt, a header or its name',
  docs: 'https://docs.kernel.org/filesystems/proc.html',
  origin: 'kernel',
  span: (lines, at, _, told = '') => {
    if (!isFirst(lines, at)) return 0;
    const path = namedPath(told);
    const first = lines[at] ?? '';
    if (path === null || SHAPED.test(path) || FAILED.test(first)) return 0;
    if (!isPath(told) && !looksSo(told, first.trim())) return 0;
    if (!isPath(told) || ONE_LINE.test(path)) return 1;
    const end = lines.indexOf('', at);
    return (end < 0 ? lines.length : end) - at;
  },
  read: (lines, { told = '' }) => {
    const path = namedPath(told);
    return path === null ? [] : fileOf(path, lines);
  },
});
