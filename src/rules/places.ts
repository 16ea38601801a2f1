/**
 * Where things stand in a JSON text: from a JSON pointer to a line and a column. JSON.parse says nothing of places, keeps the
 * last of two equal keys without a word, and takes any depth. Works without recursion, so that a hostile file costs its length.
 */

/** No rule needs more; what reads rules recursively may rely on it. */
export const MAX_DEPTH = 40;

export interface Scan {
  /** From the pointer of a value to its offset. */
  readonly values: ReadonlyMap<string, number>;
  /** From the pointer of a member's value to the offset of its key. */
  readonly keys: ReadonlyMap<string, number>;
  /** What is not JSON, is given twice, or is nested too deep; nothing was read after it. */
  readonly problem?: { readonly offset: number; readonly message: string };
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

interface Frame {
  readonly pointer: string;
  readonly names: Set<string> | null;
  count: number;
}

// oxlint-disable-next-line no-control-regex -- JSON texts hold no bare control characters
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const BLANK = /[ \t\r\n]*/y;

/** Thrown and caught in here only. */
class Malformed extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** Reads a JSON text, and notes where each value and each key begins. Never throws. */
export function scan(text: string): Scan {
  const values = new Map<string, number>();
  const keys = new Map<string, number>();
  try {
    walk(text, values, keys);
    return { values, keys };
  } catch (error) {
    if (error instanceof Malformed) return { values, keys, problem: { offset: error.offset, message: error.message } };
    throw error;
  }
}

function walk(text: string, values: Map<string, number>, keys: Map<string, number>): void {
  const stack: Frame[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const fail = (expected: string): never => {
    const found = at < text.length ? JSON.stringify(text.slice(at, at + 12).split(/[\s,:]/, 1)[0] || text[at]) : 'the end of the file';
    throw new Malformed(at, `is not JSON: found ${found}, expected ${expected}`);
  };

  /** Reads the key of the next member, and gives its pointer. */
  const key = (frame: Frame): string => {
    const offset = at;
    const name = JSON.parse(match(STRING) ?? fail('a key in double quotes')) as string;
    if (frame.names?.has(name)) throw new Malformed(offset, `has the key ${JSON.stringify(name)} twice`);
    if (name === '__proto__') throw new Malformed(offset, 'has the key "__proto__", which is not accepted');
    frame.names?.add(name);
    const pointer = `${frame.pointer}/${escapePointer(name)}`;
    keys.set(pointer, offset);
    match(BLANK);
    if (text[at] !== ':') fail('":" after the key');
    at++;
    match(BLANK);
    return pointer;
  };

  let pointer = '';
  match(BLANK);
  for (;;) {
    values.set(pointer, at);
    const open = text[at];
    if (open === '{' || open === '[') {
      if (stack.length >= MAX_DEPTH) throw new Malformed(at, `is nested deeper than ${MAX_DEPTH} levels`);
      const frame: Frame = { pointer, names: open === '{' ? new Set() : null, count: 0 };
      stack.push(frame);
      at++;
      match(BLANK);
      if (text[at] !== (frame.names ? '}' : ']')) {
        pointer = frame.names ? key(frame) : `${frame.pointer}/0`;
        continue;
      }
    } else if (open === '"') {
      if (match(STRING) === undefined) fail('a text that ends on its line, with its quotes and backslashes escaped');
    } else if (match(SCALAR) === undefined) fail('a value');

    // close what ends here, then go on to the next value
    for (;;) {
      match(BLANK);
      const frame = stack.at(-1);
      if (!frame) {
        if (at < text.length) fail('nothing after the value');
        return;
      }
      const end = frame.names ? '}' : ']';
      if (text[at] === end) {
        at++;
        stack.pop();
        continue;
      }
      if (text[at] !== ',') fail(`"," or "${end}"`);
      at++;
      match(BLANK);
      frame.count++;
      pointer = frame.names ? key(frame) : `${frame.pointer}/${frame.count}`;
      break;
    }
  }
}

/** A name as a part of a JSON pointer. */
export const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** The offset of what a pointer names: of its key when asked and there is one; of the nearest thing around it when it is not there. */
export function offsetOf(places: Scan, pointer: string, wantKey = false): number {
  for (let path = pointer; ; path = path.slice(0, path.lastIndexOf('/'))) {
    const offset = (wantKey ? places.keys.get(path) : undefined) ?? places.values.get(path);
    if (offset !== undefined) return offset;
    if (path === '') return 0;
  }
}

/** Line and column, both from 1; columns count UTF-16 units, as editors do. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - start + 1 };
}
