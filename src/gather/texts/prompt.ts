import { plainPath } from '../trees/paths.js';

/** What a line that is no output tells of the lines after it. */
export interface Prompt {
  /** The command as typed; null for a mere header. */
  readonly command: string | null;
  /** The one file that it prints, as in raw evidence; null when there is none, or several. */
  readonly path: string | null;
  /** The host that the prompt names. */
  readonly host: string | null;
}

const COMMANDS = new Set(
  `cat grep egrep fgrep zgrep zcat head tail more less sed awk cut sort uniq wc find ls tr free vmstat slabtop ps top htop atop pmap smem
  numastat numactl swapon swapoff sar sadf lsmem ipcs df du mount findmnt dmesg journalctl sysctl uname hostname date uptime getconf lsmod
  modinfo lscpu lsblk for while watch echo zramctl nproc sudo su kubectl oc docker podman crictl ssh strings time nice sync systemctl
  systemd-cgtop crash perf vmware-toolbox-cmd iostat mpstat pidstat tuned-adm virsh w id cd pwd xargs getenforce rpm dpkg lspci dmidecode ethtool lxc pct`.split(
    /\s+/,
  ),
);
/** Options of ps without a dash, which look like words of prose: `ps aux`, `ps auxww`, `ps axo`. */
const BSD_OPTIONS = /^[aefjlouvwxTA]{1,8}$/;
const SUBCOMMAND = /^(?:exec|stats?|inspect|top|describe|get|logs|status|show|run|ps|version|info|list|dommemstat|dominfo)$/;
/** They print a file, or lines of it, as it is. */
const PRINTERS = new Set(['cat', 'more', 'less', 'head', 'tail', 'grep', 'egrep', 'fgrep', 'sed', 'awk']);

const BRACKETED = /^\[[\w.-]{1,64}@([\w.-]{1,64})(?:[ :~/][^\]]{0,80})?\] ?[#$%>] ?(.*)$/;
const AT_HOST = /^(?:\([\w.-]{1,40}\) ?)?[\w.-]{1,64}@([\w.-]{1,64})(?:[: ][^\s#$%>]{0,120})? ?[#$%>](?: (.*))?$/;
const NAMED = /^(?:[\w.-]{1,64}(?::[\w./~-]{0,80})? ?|[~/][\w./~-]{0,80} ?)?[#$%>+] {0,3}(\S.*)$/;
const FILE_HEADER = /^==> (\S{1,400}) <==$/;
/** supportconfig. */
const SECTION = /^#==\[ .{1,60} \]=+#$/;
/** Rulers, quotes, and the number of an item: ``3) `vmstat 30':``. */
const DECORATION = /^(?:\d{1,2}[.)] {1,4})?[\s#=*`'":_-]{0,40}|[\s#=*`'":_-]{1,80}$/g;

/** Reads a line that is a prompt with its command, or a header that says what follows; null when it is neither. */
export function promptOf(line: string): Prompt | null {
  if (line.length > 1000 || line === '') return null;
  const file = FILE_HEADER.exec(line);
  if (file) return { command: null, path: pathOf(file[1] ?? '') ?? file[1] ?? null, host: null };
  if (SECTION.test(line)) return { command: null, path: null, host: null };
  const hosted = BRACKETED.exec(line) ?? AT_HOST.exec(line);
  if (hosted) return typed(hosted[2] ?? '', hosted[1] ?? null);
  const named = NAMED.exec(line);
  if (named && isCommand(named[1] ?? '')) return typed(named[1] ?? '', null);
  return labelled(line);
}

/** `cat /proc/meminfo:`, `=== free -m ===`, `/proc/slabinfo:`: a line of its own that names a file or a command. */
function labelled(line: string): Prompt | null {
  const label = line.replaceAll(DECORATION, '');
  if (label === '' || label.length > 200) return null;
  const path = pathOf(label);
  if (path !== null) return { command: null, path, host: null };
  const decorated = label !== line.trim();
  const [first = '', ...rest] = label.split(/\s+/);
  if (!COMMANDS.has(baseName(first)) || (rest.length === 0 && !decorated)) return null;
  // each part of a pipe begins with a command: no prose does
  const parts = line.split(/\|/);
  if (parts.length > 1 && parts.every((part) => COMMANDS.has(baseName(part.trim().split(/\s+/, 1)[0] ?? '')))) return typed(line, null);
  return rest.every((word) => /^-{1,2}\w|^\/(?:proc|sys|etc)\/|^\d{1,4}$/.test(word)) ? typed(label, null) : null;
}

const baseName = (word: string): string => word.slice(word.lastIndexOf('/') + 1);

function isCommand(text: string): boolean {
  const words = text.split(/\s+/, 3);
  // `# free memory is low` in prose and `# name <active_objs>` in a header are none: what follows a command is an option, a path, …
  const first = baseName(words[0] ?? '').replace(/;$/, '');
  // docker, kubectl, virsh: their second word is a command of theirs
  if (COMMANDS.has(first) && SUBCOMMAND.test(words[1] ?? '')) return true;
  if (first === 'ps' && BSD_OPTIONS.test(words[1] ?? '')) return true;
  return COMMANDS.has(first) && (words.length === 1 || !/^[a-z]{3,}[.,]?$/.test(words[1] ?? '') || first === 'sudo' || first === 'echo');
}

function typed(text: string, host: string | null): Prompt {
  const command = text.trim();
  return { command: command === '' ? null : command, path: printed(command), host };
}

/** The one file that a command prints. */
function printed(command: string): string | null {
  const words = (command.split('|', 1)[0] ?? '').split(/\s+/).filter((word) => word !== 'sudo');
  if (!PRINTERS.has(baseName(words[0] ?? ''))) return null;
  const paths = words.slice(1).flatMap((word) => pathOf(word) ?? []);
  return paths.length === 1 ? (paths[0] ?? null) : null;
}

/** Where a file of a cgroup that is named without its directory is. */
export const rootOfCgroup = (name: string): string =>
  /^memory\.(?:\w{3,30}_in_bytes|failcnt|oom_control|use_hierarchy)$/.test(name) ? 'sys/fs/cgroup/memory/' : 'sys/fs/cgroup/';

/**
 * The directory that a shell is in after a command: `cd /sys/fs/cgroup/…`, or what `pwd` printed; null when they do not tell.
 */
export function directoryAfter(command: string | null, lines: readonly string[]): string | null {
  const to = command === 'pwd' ? lines.find((line) => line !== '')?.trim() : /^(?:sudo )?cd (\S{1,400})$/.exec(command ?? '')?.[1];
  return to !== undefined && /^\/[^\s*?[\]{}$]{1,400}$/.test(to) ? plainPath(to.slice(1).replace(/\/$/, '')) : null;
}

/** The file of a cgroup that a command names without its directory, in the one that the shell is in. */
export function pathFrom(directory: string | null, { command, path }: Pick<Prompt, 'command' | 'path'>): string | null {
  const name = path?.slice(path.lastIndexOf('/') + 1) ?? '';
  if (directory?.startsWith('sys/fs/cgroup/') !== true || command === null || path !== `${rootOfCgroup(name)}${name}`) return path;
  return command.includes(`/${name}`) ? path : `${directory}/${name}`;
}

/** A path below /proc, /sys or /etc, as in raw evidence; null for another word, or a pattern. */
function pathOf(word: string): string | null {
  const bare = word.replace(/^["'`]{1,2}/, '').replace(/["'`;:,]{1,3}$/, '');
  // `path:value` is what grep prints, no header
  if (/:[^/]*$/.test(bare)) return null;
  if (/^(?:memory|cpu|io|irq|pids|hugetlb|cgroup)\.[a-z_.]{3,40}$/.test(bare)) return `${rootOfCgroup(bare)}${bare}`;
  return /^\/(?:proc|sys|etc|run)\/[^\s*?[\]{}$]{1,300}$/.test(bare) ? plainPath(bare.slice(1)) : null;
}
