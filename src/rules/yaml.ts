/** YAML as rule files may have it: plain maps, lists and scalars. Loaded only when a file ends in .yaml or .yml. */
import { type CST, Composer, isAlias, isMap, isScalar, isSeq, type Node, Parser } from 'yaml';
import { escapePointer, MAX_DEPTH, type Scan } from './places.js';

/** The parser takes some microseconds a token: a file of this size costs a third of a second at worst. */
const MAX_LENGTH = 65_536;
/** Each level of the document takes a few levels of tokens. */
const MAX_TOKEN_DEPTH = 3 * MAX_DEPTH;
const OPTIONS = { version: '1.2', schema: 'core', uniqueKeys: false, merge: false, prettyErrors: false, logLevel: 'silent' } as const;

export interface Read extends Scan {
  /** Nothing when there is a problem. */
  readonly value?: unknown;
}

/** Thrown and caught in here only. */
class Refused extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** Reads a YAML text (1.2, core schema): its value, and where each value and each key begins. Never throws. */
export function readYaml(text: string): Read {
  const values = new Map<string, number>();
  const keys = new Map<string, number>();
  try {
    return { value: valueOf(compose(text), '', values, keys, 0), values, keys };
  } catch (error) {
    if (error instanceof Refused) return { values, keys, problem: { offset: error.offset, message: error.message } };
    throw error;
  }
}

function compose(text: string): Node | null {
  if (text.length > MAX_LENGTH) throw new Refused(0, `is ${text.length} characters long: a rule in YAML has at most ${MAX_LENGTH}`);
  // the parser of tokens works without recursion, what composes them does not: too deep a file is refused in between
  const tokens = [...new Parser().parse(text)];
  demandShallow(tokens);
  const documents = [...new Composer(OPTIONS).compose(tokens, true, text.length)];
  const [document, second] = documents;
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) throw new Refused(error.pos[0], `is not YAML: ${error.message.split('\n', 1)[0] ?? ''}`.slice(0, 200));
  if (second) throw new Refused(second.range[0], 'holds more than one YAML document: one file is one rule');
  const [warning] = document?.warnings ?? [];
  if (warning) throw new Refused(warning.pos[0], 'has a tag (!), which is not accepted: values are plain texts, numbers, true and false');
  return document?.contents ?? null;
}

interface Deep {
  readonly token: CST.Token;
  readonly depth: number;
}

function demandShallow(tokens: readonly CST.Token[]): void {
  const stack: Deep[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > MAX_TOKEN_DEPTH) throw new Refused('offset' in token ? token.offset : 0, `is nested deeper than ${MAX_DEPTH} levels`);
    if (token.type === 'document' && token.value) stack.push({ token: token.value, depth: depth + 1 });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items as readonly { key?: CST.Token | null; value?: CST.Token }[])
      for (const part of [key, value]) if (part) stack.push({ token: part, depth: depth + 1 });
  }
}

/** The plain value of a node; notes the places in it. */
function valueOf(node: Node | null, pointer: string, values: Map<string, number>, keys: Map<string, number>, depth: number): unknown {
  const at = node?.range?.[0] ?? 0;
  values.set(pointer, at);
  if (node === null) return null;
  if (isAlias(node)) throw new Refused(at, 'has an alias (*), which is not accepted: write the value again');
  if (node.anchor !== undefined) throw new Refused(at, 'has an anchor (&), which is not accepted: aliases are not either');
  if (node.tag?.startsWith('!')) throw new Refused(at, 'has a tag (!), which is not accepted');
  if (depth > MAX_DEPTH) throw new Refused(at, `is nested deeper than ${MAX_DEPTH} levels`);
  if (isSeq(node)) return node.items.map((item, index) => valueOf(item as Node | null, `${pointer}/${index}`, values, keys, depth + 1));
  if (isMap(node)) {
    const members: Record<string, unknown> = {};
    for (const { key, value } of node.items as readonly { key: Node | null; value: Node | null }[]) {
      const offset = key?.range?.[0] ?? at;
      const name = isScalar(key) && key.anchor === undefined ? String(key.value) : undefined;
      if (name === undefined) throw new Refused(offset, 'has a key that is not a plain text');
      if (name === '__proto__') throw new Refused(offset, 'has the key "__proto__", which is not accepted');
      if (Object.hasOwn(members, name)) throw new Refused(offset, `has the key ${JSON.stringify(name.slice(0, 60))} twice`);
      const below = `${pointer}/${escapePointer(name)}`;
      keys.set(below, offset);
      members[name] = valueOf(value, below, values, keys, depth + 1);
      // a value that is not written stands where its key does
      if (value === null || value.range === undefined) values.set(below, offset);
    }
    return members;
  }
  const { value } = node as { value: unknown };
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Refused(at, 'has a number that is not finite');
  if (typeof value === 'bigint') throw new Refused(at, 'has a number that is too large');
  return value;
}
