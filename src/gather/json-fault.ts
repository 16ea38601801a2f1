/** Where a text stops being JSON. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** True when the text is right as far as it goes, and ends too early. */
  readonly truncated: boolean;
}

// JSON allows no control character in a string
/* oxlint-disable no-control-regex */
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const OPEN_STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*(?:\\(?:u[0-9a-fA-F]{0,3})?)?$/y;
/* oxlint-enable no-control-regex */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const BLANK = /[ \t\n\r]*/y;

type Expect = 'value' | 'firstValue' | 'name' | 'firstName' | 'colon' | 'next' | 'end';

/**
 * Finds the place at which JSON.parse gave up, which its messages do not always tell. Null when the text is JSON after all.
 */
export function jsonFault(text: string): JsonFault | null {
  const stack: ('{' | '[')[] = [];
  let expect: Expect = 'value';
  let at = 0;

  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null || (found[0] === '' && pattern !== BLANK)) return false;
    at += found[0].length;
    return true;
  };
  const endsInside = (): boolean => {
    OPEN_STRING.lastIndex = at;
    return (
      OPEN_STRING.test(text) ||
      ['true', 'false', 'null'].some((word) => at < text.length && word.startsWith(text.slice(at, at + 6)) && at + 6 > text.length)
    );
  };
  const fault = (): JsonFault => {
    const before = text.slice(0, at);
    return {
      line: before.split('\n').length,
      column: at - before.lastIndexOf('\n'),
      truncated: at >= text.length || endsInside(),
    };
  };
  const closed = (): Expect => (stack.length === 0 ? 'end' : 'next');

  for (;;) {
    match(BLANK);
    const char = text[at];
    if (char === undefined) return expect === 'end' ? null : fault();
    if (expect === 'end') return fault();
    if (expect === 'value' || expect === 'firstValue') {
      if (char === ']' && expect === 'firstValue') {
        at += 1;
        stack.pop();
        expect = closed();
      } else if (char === '{' || char === '[') {
        at += 1;
        stack.push(char);
        expect = char === '{' ? 'firstName' : 'firstValue';
      } else if (match(STRING) || match(NUMBER) || match(WORD)) expect = closed();
      else return fault();
    } else if (expect === 'name' || expect === 'firstName') {
      if (char === '}' && expect === 'firstName') {
        at += 1;
        stack.pop();
        expect = closed();
      } else if (match(STRING)) expect = 'colon';
      else return fault();
    } else if (expect === 'colon') {
      if (char !== ':') return fault();
      at += 1;
      expect = 'value';
    } else {
      const open = stack.at(-1);
      if (char === ',') expect = open === '{' ? 'name' : 'value';
      else if ((char === '}' && open === '{') || (char === ']' && open === '[')) {
        stack.pop();
        expect = closed();
      } else return fault();
      at += 1;
    }
  }
}
