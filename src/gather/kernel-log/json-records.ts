/** Records of a log as JSON that goes over several lines: `journalctl -o json-pretty`, a list of them, events of Kubernetes. Pure. */

/** What names the text of a record, in the order in which it counts. */
const TEXTS = ['MESSAGE', 'message', 'log', 'textPayload', 'msg'] as const;
/** The beginning of a text that may be such: some name of the above. */
const NAMED = /"(?:MESSAGE|message|log|textPayload|msg)"\s{0,4}:/;
const LISTS = ['items', 'entries', 'records', 'logs'] as const;
/** A record is no larger, in lines; more are some other JSON. */
const MOST_LINES = 500;

type Fields = Readonly<Record<string, unknown>>;

/** True for the beginning of a JSON document that is meant as a snapshot, whatever else may be in it. */
export const isMeantAsSnapshot = (head: string): boolean => /"format"\s{0,4}:\s{0,4}"memdoctor/.test(head);

/** The state of a container, which the texts have a kind for. */
const OF_CONTAINER = /"(?:reason"\s{0,4}:\s{0,4}"OOMKilled"|OOMKilled"\s{0,4}:\s{0,4}true)/;

/** JSON as the readers of texts take it: its records, or what a container tool printed as it is; null when it is neither. */
export const textOfJson = (text: string): string | null => recordLines(text) ?? (OF_CONTAINER.test(text) ? text : null);

/**
 * The records in a text, one line each as the reader of logs takes them; null when it is other JSON, or none. A text whose
 * lines are records each is left as it is.
 */
export function recordLines(text: string): string | null {
  if (!/^[\s\uFEFF]{0,200}[[{]/.test(text) || !NAMED.test(text)) return null;
  const whole = parsed(text);
  const found = whole === undefined ? documents(text) : [whole];
  const records = found.flatMap(membersOf);
  const lines = records.map(lineOf).filter((line) => line !== null);
  return lines.length === 0 || lines.length * 2 < records.length ? null : `${lines.join('\n')}\n`;
}

/** Documents one after the other, each from a line that begins with `{` to one that begins with `}`. */
function documents(text: string): unknown[] {
  const found: unknown[] = [];
  let held: string[] | null = null;
  for (const line of text.split('\n')) {
    if (held === null) {
      const single = line.startsWith('{') ? parsed(line) : undefined;
      if (single !== undefined) found.push(single);
      else if (/^\{\s*$/.test(line)) held = [line];
      continue;
    }
    held.push(line);
    if (held.length > MOST_LINES) return [];
    if (!line.startsWith('}')) continue;
    const document = parsed(held.join('\n').replace(/,\s{0,8}$/, ''));
    if (document !== undefined) found.push(document);
    held = null;
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    return undefined;
  }
}

/** A list's members, those of a list in an object, or the object itself. */
function membersOf(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return document;
  const list = isFields(document) ? LISTS.map((name) => document[name]).find(Array.isArray) : undefined;
  return (list as unknown[] | undefined) ?? [document];
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A journal's record keeps its fields; of others the text is all that is understood. */
function lineOf(record: unknown): string | null {
  if (!isFields(record)) return null;
  const name = TEXTS.find((key) => typeof record[key] === 'string' || (key === 'MESSAGE' && Array.isArray(record[key])));
  if (name === undefined) return null;
  // the reader knows it by its first key
  if (name === 'MESSAGE') return JSON.stringify({ MESSAGE: record['MESSAGE'], ...record });
  const text = String(record[name])
    .replaceAll(/[\r\n]+/g, '\n')
    .trimEnd();
  const reason = typeof record['reason'] === 'string' ? `${record['reason']} ` : '';
  const times = typeof record['count'] === 'number' && record['count'] > 1 ? `(x${record['count']}) ` : '';
  return `${reason}${times}${text}`;
}
