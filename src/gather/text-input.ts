/** Tells by its beginning what an input that is no archive is, without reading it whole. */

/** So much of an input is looked at. */
const HEAD = 65_536;
/** A record of the journal or of a container's log, one JSON object a line. */
const LOG_RECORD = /^\s{0,8}\{\s{0,8}"(?:_|MESSAGE|PRIORITY|SYSLOG_|log")/;
/** The same with any other field of the journal first, as programs that sort or pick fields write it. */
const SORTED_RECORD = /^\s{0,8}\{\s{0,8}"[A-Z][A-Z0-9_]{1,63}"/;
/** `{noformat}`, `{code:title=dmesg}`: what trackers put around a log. */
const MACRO = /^\s{0,200}\{[a-z]{2,12}(?:[:=|][^}\n]{0,80})?\}/;
const LIST = /^\s{0,200}\[\s{0,200}(?:[{"\]]|-?\d{1,20}\s{0,20}[,\]]\s{0,20}(?:\S|$)(?!\s))/;

/** The first bytes of a stream, and all of it: they can be had once. */
export async function peek(pieces: AsyncIterable<Uint8Array>): Promise<{ head: Buffer; all: AsyncIterable<Uint8Array> }> {
  const iterator = pieces[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  for (let size = 0; size < HEAD;) {
    const next = await iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
    size += next.value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    for (let piece = taken.shift(); piece; piece = taken.shift()) yield piece;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head: Buffer.concat(taken).subarray(0, HEAD), all: all() };
}

/** True for what is meant as one JSON document. */
export function looksLikeJson(head: Buffer): boolean {
  const text = head.toString('latin1').replace(/^\u00EF\u00BB\u00BF/, '');
  if (LIST.test(text)) return true;
  if (/^\s{0,200}\{/.test(text)) return !isRecord(text) && !MACRO.test(text);
  return head.length < 200 && /^\s{0,200}(?:null|true|false|"|-?\d{1,20}\s{0,200}$)/.test(text);
}

const isRecord = (text: string): boolean =>
  !/^\s{0,200}\{\s{0,8}[\r\n]/.test(text) && (LOG_RECORD.test(text) || (SORTED_RECORD.test(text) && text.includes('"MESSAGE"')));

/** True for what is no text: a log may hold zeros that a crash has left, and colours, but hardly other control characters. */
export function looksBinary(head: Buffer): boolean {
  if (utf16Of(head) !== null) return false;
  let [zeros, others] = [0, 0];
  for (const byte of head) {
    if (byte === 0) zeros += 1;
    else if (byte < 7 || (byte > 13 && byte < 27) || byte === 28 || byte === 29 || byte === 31) others += 1;
  }
  return zeros * 2 > head.length || others * 40 > head.length;
}

/** What Windows calls Unicode, by its byte order mark. */
export function utf16Of(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (head.length < 4) return null;
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : null;
}

/** The same text as UTF-8. */
export async function* fromUtf16(pieces: AsyncIterable<Uint8Array>, encoding: 'utf-16le' | 'utf-16be'): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }));
  yield Buffer.from(decoder.decode());
}
