/** One line of a `hist` file of tracefs. */
export interface HistRow {
  /** By key, as the kernel printed it; a key `common_pid.execname` gives `common_pid` and, from its brackets, `pid`. A stack is lines. */
  readonly keys: Readonly<Record<string, string>>;
  /** hitcount and the other values by name; `max` of an onmax() action too. */
  readonly values: Readonly<Record<string, number>>;
}

export interface HistTable {
  readonly rows: readonly HistRow[];
  /** Events that found no room in the table. */
  readonly dropped: number;
}

/**
 * Reads a file `events/…/hist` of tracefs (Documentation/trace/histogram.rst): a line `{ key: value, key: value } hitcount: n name: n` an
 * entry, under it the lines of its actions, `Totals:` at the end. A process may be called anything, `} hitcount: 9` too: the keys are told
 * apart by their names, which the file's own `trigger info` line gives. Several triggers of one event follow one another in the file;
 * `which` counts them from 0. Never throws: what it cannot read is passed over.
 */
export function parseHist(text: string, which = 0): HistTable {
  const parts = text.split(/^# event histogram$/m).slice(1);
  const part = parts[which] ?? '';
  const names = keyNames(part);
  const rows: { keys: Record<string, string>; values: Record<string, number> }[] = [];
  let dropped = 0;
  let open: string | null = null;
  for (const line of part.split('\n')) {
    if (open !== null) {
      // a stack goes on over lines, until one begins with the closing brace
      open += `\n${line}`;
      if (!line.startsWith('}')) continue;
      add(rows, open, names);
      open = null;
    } else if (line.startsWith('{ ')) {
      if (/\} +hitcount: +\d/.test(line)) add(rows, line, names);
      else open = line;
    } else {
      const last = rows.at(-1);
      const max = /^\s+max: +(\d+)/.exec(line);
      if (max && last) last.values['max'] = Number(max[1]);
      const lost = /^ +Dropped: (\d+)/.exec(line);
      if (lost) dropped = Number(lost[1]);
    }
  }
  return { rows, dropped };
}

/** `# trigger info: hist:keys=common_pid.execname,order:vals=…`: common_pid, order. */
function keyNames(part: string): string[] {
  const keys = /^# trigger info: hist:(?:\w+:)?keys=([^:]*)/m.exec(part)?.[1] ?? '';
  return keys.split(',').map((key) => key.split('.')[0] ?? key);
}

function add(rows: { keys: Record<string, string>; values: Record<string, number> }[], text: string, names: readonly string[]): void {
  const end = text.lastIndexOf('} hitcount:');
  if (end < 0) return;
  const values: Record<string, number> = {};
  for (const [, name, value] of text.slice(end + 1).matchAll(/([\w.$-]{1,80}): +(\d{1,20})/g))
    if (name !== undefined) values[name] = Number(value);
  rows.push({ keys: keysOf(text.slice(1, end), names), values });
}

function keysOf(text: string, names: readonly string[]): Record<string, string> {
  const keys: Record<string, string> = {};
  let rest = text;
  // from the last to the first: the name of a process, which may hold anything, is left of them
  for (const name of names.toReversed()) {
    const at = Math.max(rest.lastIndexOf(` ${name}: `), rest.lastIndexOf(` ${name}:\n`));
    if (at < 0) continue;
    const value = rest.slice(at + name.length + 2);
    rest = rest.slice(0, at).replace(/,$/, '');
    const named = /^ *([\s\S]*?) *\[ *(\d+)\]\s*$/.exec(value);
    keys[name] = (named?.[1] ?? value).trim();
    if (named && name === 'common_pid') keys['pid'] = named[2] ?? '';
  }
  return keys;
}
