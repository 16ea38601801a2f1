import { defineText, oneSample, type TextSample } from '../kind.js';
import { size } from '../made/figures.js';
import { meminfoText } from '../made/files.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

const HEAD = /\bMEM USAGE ?\/ ?LIMIT\b/;
/** `… 412.5MiB / 2GiB …`: of the columns with two sizes that of memory is the first. */
const SIZES = /(?:^|\s)(\d[\d.]{0,15}) ?([KMGTPk]?i?B) {0,3}\/ {0,3}(\d[\d.]{0,15}) ?([KMGTPk]?i?B)(?=\s|$)/;
/** A container that does not run. */
const STOPPED = /^\s*\S{1,128}\s.*\s-- {0,3}\/ {0,3}--\s/;
const NAME = /^[\w][\w.-]{0,127}$/;

interface Row {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}

/**
 * Memory of containers. Without a limit of its own a container shows the memory of the host in its place. Docker leaves idle
 * file cache out of what is used (since 17.06); podman, whose heads have no slash in “NET IO”, does not.
 */
export default defineText({
  title: 'docker stats',
  docs: 'https://docs.docker.com/reference/cli/docker/container/stats/',
  origin: 'tool',
  hint: /\b(?:docker|podman|nerdctl)[\s_](?:container[\s_])?stats\b/,
  span: (lines, at) => {
    if (!fits(HEAD, lines[at] ?? '')) return 0;
    const length = run(lines, at, (line, index) => index === at || (!fits(HEAD, line) && (fits(SIZES, line) || fits(STOPPED, line))));
    return length > 1 ? length : 0;
  },
  read: ([head = '', ...lines]) => samples(head, lines),
});

function samples(head: string, lines: readonly string[]): readonly TextSample[] {
  const named = /\bNAME\b/.test(head) && !/^\s*NAME\b/.test(head);
  const rows = lines.flatMap((line) => rowOf(line, named) ?? []);
  const files = new Map<string, string>();
  const seen = new Map<string, number>();
  const ofHost = rows.length > 1 && rows.every(({ limit }) => limit === rows[0]?.limit && !isRound(limit)) ? rows[0]?.limit : undefined;
  for (const { name, used, limit } of rows) {
    // names that somebody made unreadable may be the same
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const path = `sys/fs/cgroup/docker/${times === 1 ? name : `${name}-${times}`}`;
    files.set(`${path}/memory.current`, `${used}\n`);
    files.set(`${path}/memory.max`, limit === ofHost ? 'max\n' : `${limit}\n`);
    if (/ I\/O\b/.test(head)) files.set(`${path}/memory.stat`, 'inactive_file 0\n');
  }
  const ram = ofHost === undefined || isChosen(ofHost) ? null : meminfoText({ MemTotal: ofHost });
  if (ram !== null) files.set('proc/meminfo', ram);
  return rows.length === 0 ? [] : oneSample(files);
}

/** A power of two is a limit that somebody set: of the memory of a host the kernel has taken its part. */
const isRound = (limit: number): boolean => Number.isInteger(Math.log2(limit));

/** The same for all, and yet a round figure: rather a limit that all were given than what the kernel has left of the memory of a host. */
const isChosen = (limit: number): boolean => limit % (16 * 2 ** 20) === 0 || limit % 500_000_000 === 0;

function rowOf(line: string, named: boolean): Row | null {
  const sizes = SIZES.exec(line);
  // with a format of one's own there may be no name before the sizes
  const name = sizes?.index === 0 ? 'container' : (line.trim().split(/\s+/, 2)[named ? 1 : 0] ?? '');
  if (!sizes || !NAME.test(name)) return null;
  const [used, limit] = [size(`${sizes[1]}${sizes[2]}`, 1, 1000), size(`${sizes[3]}${sizes[4]}`, 1, 1000)];
  return used === null || limit === null || limit === 0 ? null : { name, used, limit };
}
