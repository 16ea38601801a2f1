import fc from 'fast-check';
import { Marked, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import {
  cut,
  cutMiddle,
  markdownBlock,
  markdownCode,
  markdownLink,
  markdownProse,
  markdownText,
  safeUrl,
  visible,
} from '../src/report/escape.js';
import { proseHtml } from '../src/report/prose.js';

/** Plain marked, without our restrictions: the escaping must do on its own. */
const plain = new Marked({ gfm: true });

const NASTY = [
  '<script>alert(1)</script>',
  '[x](javascript:alert(1))',
  '![x](http://e.example/x.png)',
  'http://evil.example',
  'www.evil.example',
  'a@evil.example',
  '<http://e.example>',
  'a|b',
  '`code`',
  '``',
  '\\',
  '\\`',
  '*b*',
  '_i_',
  '~~s~~',
  '# h',
  '- l',
  '1. l',
  '> q',
  '---',
  '&lt;',
  '&#60;',
  '\n\n',
  '\r',
  '\t',
  '\u001B[31m',
  '\u202E',
  '\u0000',
  '[ref]: http://e.example',
  '$x$',
  'ftp://e.example',
  ' ',
  'x',
  '|',
  ':',
  '=',
  '@you',
];
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.oneof(fc.constantFrom(...NASTY), fc.string())).map((parts) => parts.join('')),
);

/** Every token of a text that is not mere text. */
function markup(markdown: string): string[] {
  const found: string[] = [];
  void plain.walkTokens(plain.lexer(markdown), (token: Token) => {
    if (!['text', 'escape', 'paragraph', 'codespan', 'space', 'br'].includes(token.type)) found.push(`${token.type}: ${token.raw}`);
  });
  return found;
}

const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#124;', '|')
    .replaceAll('&amp;', '&')
    .trimEnd();

describe('visible', () => {
  it.each([
    ['a\nb', 'a⟨U+000A⟩b'],
    ['\u202Egnp.exe', '⟨U+202E⟩gnp.exe'],
    ['\u001B[2J', '⟨U+001B⟩[2J'],
    ['\u009B31m', '⟨U+009B⟩31m'],
    ['zero\u200Bwidth', 'zero⟨U+200B⟩width'],
    ['\u{E0041}', '⟨U+E0041⟩'],
    ['größe 日本 e\u0301', 'größe 日本 e\u0301'],
  ])('%j', (text, shown) => expect(visible(text)).toBe(shown));

  it('leaves no control, format or separator character, and is stable', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = visible(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(visible(shown)).toBe(shown);
      }),
    );
  });
});

describe('cut', () => {
  it('counts characters, not halves of them', () => {
    expect(cut('😀😀😀', 2)).toBe('😀…');
    expect(cut('abc', 3)).toBe('abc');
    expect(cutMiddle('/a/very/long/path', 9)).toBe('/a/v…path');
  });
});

describe('Markdown', () => {
  it.each([
    ['a_b*c', String.raw`a\_b\*c`],
    ['1. first', String.raw`1\. first`],
    ['- x', String.raw`\- x`],
    ['see http://e.example now', 'see `http://e.example` now'],
    ['mail a@b.example', 'mail `a@b.example`'],
    ['a|b', 'a&#124;b'],
  ])('text %j', (text, markdown) => expect(markdownText(text)).toBe(markdown));

  it.each([
    ['plain', '`plain`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['', '*empty*'],
    ['a|b', '`a⟨U+007C⟩b`'],
  ])('code %j', (text, markdown) => expect(markdownCode(text)).toBe(markdown));

  it('text, code and prose never become markup, wherever they stand', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        expect(markup(markdownText(a))).toEqual([]);
        expect(markup(`x ${markdownCode(a)} ${markdownText(b)}`).filter((token) => !token.startsWith('em: *'))).toEqual([]);
        expect(markup(markdownProse(`${a} ${b}`)).filter((token) => !token.startsWith('em: *'))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('rendered, it reads as it was', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = visible(text).split(' ').filter(Boolean).join(' ');
        expect(textOf(plain.parseInline(markdownText(text), { async: false })).replaceAll('⟨U+007C⟩', '|')).toBe(
          shown.trimEnd().replaceAll('⟨U+007C⟩', '|'),
        );
      }),
    );
  });

  it('stays in its cell', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const [table] = plain.lexer(`| h | h |\n| --- | --- |\n| ${markdownText(a)} | ${markdownCode(b)} |\n`);
        expect(table?.type).toBe('table');
        expect(table?.type === 'table' && table['rows'].length).toBe(1);
        expect(table?.type === 'table' && plain.lexer(table.raw).length).toBe(1);
        expect(markup(String(table?.raw)).filter((token) => !token.startsWith('em: *') && !token.startsWith('table'))).toEqual([]);
      }),
    );
  });

  it('a block of code ends at its own fence only', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const tokens = plain.lexer(markdownBlock(text));
        expect(tokens.map(({ type }) => type)).toEqual(['code']);
      }),
    );
  });

  it('links go to https addresses of plain characters only', () => {
    expect(markdownLink('a]b', 'https://docs.kernel.org/x?y=1#z')).toBe(String.raw`[a\]b](<https://docs.kernel.org/x?y=1#z>)`);
    for (const url of [
      'javascript:alert(1)',
      'http://x.example',
      'https://x.example/>)',
      'https://x.example/ y',
      'https://a@b.example/',
      '//x.example',
    ]) {
      expect(safeUrl(url)).toBe(false);
      expect(markdownLink('t', url)).toBe('t');
    }
  });

  it('prose as HTML holds no element but code and em', () => {
    expect(proseHtml('run `ls -l` <b>now</b>')).toBe('run <code>ls -l</code> &lt;b&gt;now&lt;/b&gt;');
    fc.assert(
      fc.property(hostile, (text) => {
        expect(proseHtml(text).replaceAll(/<\/?(?:code|em)>/g, '')).not.toMatch(/[<>]/);
      }),
    );
  });
});
