import { defineLayout } from './layout.js';

/** `#==[ Command ]======================================#`, and the line after it: `# /usr/bin/free -k`, `# /var/log/messages - Last 500 Lines`. */
const SECTION = /^#==\[ ([A-Za-z ]{1,40}) \]=+#$/;
const LOG_FILE = /^# \/?(var\/log\/(?:messages|warn|dmesg|boot\.\w{1,10}|kern\.log|localmessages)\S{0,40})/;
/** Logs by their names, the best first. */
const RANKS: readonly RegExp[] = [
  /^# \S{0,20}dmesg\b/,
  /^# \S{0,20}journalctl\b.{0,80}(?:-k\b|dmesg)/,
  /^# \S{0,20}journalctl\b/,
  LOG_FILE,
];

/** supportconfig of SUSE (scc_*.txz, nts_*.tbz): a text for each subject, with the outputs of commands and files in sections. */
export default defineLayout({
  title: 'supportconfig',
  docs: 'https://github.com/openSUSE/supportutils',
  origin: 'sosreport',
  fits: (names) =>
    names.has('basic-environment.txt') &&
    (names.has('memory.txt') || names.has('proc.txt') || names.has('boot.txt') || names.has('supportconfig.txt'))
      ? 2
      : 0,
  places: {},
  texts: [
    ['basic-environment.txt'],
    ['basic-health-check.txt'],
    ['env.txt'],
    ['sysconfig.txt'],
    ['modules.txt'],
    ['proc.txt'],
    ['sysfs.txt'],
    ['memory.txt'],
  ],
  logs: ['boot.txt', 'messages.txt'],
  dates: ['basic-environment.txt'],
  takeLogs,
  sar: ['sar/sar*.txt', 'sar/sar*'],
});

interface Part {
  readonly rank: number;
  readonly path: string;
  readonly lines: string[];
}

function takeLogs(text: string): { text: string; logs: { path: string; text: string }[] } {
  const lines = text.split('\n');
  const found: Part[] = [];
  let part: Part | null = null;
  let isHeaded = false;
  for (const [index, line] of lines.entries()) {
    if (SECTION.test(line)) {
      isHeaded = true;
      part = null;
      const next = lines[index + 1] ?? '';
      const rank = RANKS.findIndex((pattern) => pattern.test(next));
      if (rank < 0) continue;
      part = { rank, path: LOG_FILE.exec(next)?.[1] ?? next.slice(2, 100), lines: [] };
      found.push(part);
    } else if (part !== null) {
      if (!line.startsWith('# ')) part.lines.push(line);
      lines[index] = '';
    }
  }
  const ranked = found.filter((log) => log.lines.some((line) => line.trim() !== '')).toSorted((a, b) => a.rank - b.rank);
  const logs = ranked.map((log) => ({ path: log.path, text: `${log.lines.join('\n')}\n` }));
  return { text: lines.join('\n'), logs: isHeaded ? logs : [{ path: 'log', text }] };
}
