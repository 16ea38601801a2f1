/** A host, its logs and a rule of a stranger that are full of nasty names: what comes out in every format is harmless. */
import { HtmlRenderer, Parser } from 'commonmark';
import MarkdownIt from 'markdown-it';
import { Marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { render } from '../src/main.js';
import { columns } from '../src/report/columns.js';
import { hostileReport, linksOf, NASTY } from './report-hostile.js';

const libraries: Readonly<Record<string, (markdown: string) => string>> = {
  marked: (markdown) => new Marked({ gfm: true }).parse(markdown, { async: false }),
  'markdown-it': (markdown) => new MarkdownIt({ html: true, linkify: true, typographer: true }).render(markdown),
  commonmark: (markdown) => new HtmlRenderer({ safe: false }).render(new Parser().parse(markdown)),
};

/** What our own Markdown becomes; anything else was somebody's markup. */
const ELEMENTS = new Set('a blockquote br code details em h1 h2 h3 hr li ol p pre strong summary table tbody td th thead tr ul'.split(' '));
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe.each(Object.keys(NASTY))('%s', (name) => {
  let written: Promise<string> | undefined;
  const markdown = async (): Promise<string> => (written ??= render(await hostileReport(name), { format: 'md' }));

  it('in a terminal: nothing but text, line feeds and our own colours', async () => {
    const report = await hostileReport(name);
    for (const width of [40, 80, 200]) {
      const plain = await render(report, { format: 'text', width });
      expect(plain.replaceAll('\n', '')).not.toMatch(UNSEEN);
      const wide = plain.split('\n').filter((line) => columns(line) > width && !/^ +\$ /.test(line));
      expect(wide).toEqual([]);
    }
    const colored = await render(report, { format: 'text', width: 80, color: true });
    // oxlint-disable-next-line no-control-regex -- the escape sequences are what is looked for
    expect(colored.replaceAll(/\u001B\[\d{1,2}m/g, '').replaceAll('\n', '')).not.toMatch(UNSEEN);
  });

  it.each(Object.keys(libraries))(
    'in Markdown rendered by %s: no markup of its own, no link that a rule did not write',
    async (library) => {
      const report = await hostileReport(name);
      const html = libraries[library]!(await markdown());
      const allowed = linksOf(report);
      const found: string[] = [];
      for (const [tag, element = '', attributes = ''] of html.matchAll(/<\/?([a-z][\w-]*)((?:\s[^<>]*)?)\/?>/gi)) {
        if (!ELEMENTS.has(element.toLowerCase())) found.push(tag);
        for (const [, attribute = '', value = ''] of attributes.matchAll(/([\w-]+)="([^"]*)"/g)) {
          if (attribute === 'href' && allowed.has(value.replaceAll('&amp;', '&'))) continue;
          if (['align', 'class'].includes(attribute) || value.startsWith('text-align:')) continue;
          found.push(tag);
        }
      }
      expect([...new Set(found)]).toEqual([]);
      expect(html).not.toMatch(/<!--|<!\[CDATA|<\?/);
      expect(referencesIn(html)).toEqual([]);
    },
  );

  it('in JSON: the same again, and no character that a terminal acts on', async () => {
    const report = await hostileReport(name);
    for (const format of ['json', 'ndjson'] as const) {
      const json = await render(report, { format });
      expect(JSON.parse(json)).toEqual(report);
      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      if (format === 'ndjson') expect(json.split('\n')).toHaveLength(2);
    }
  });

  it('in HTML: below 500 KB, and no element or attribute that the templates have not', async () => {
    const html = await render(await hostileReport(name), { format: 'html' });
    expect(html.length).toBeLessThan(500_000);
    const found: string[] = [];
    for (const [tag, element = '', attributes = ''] of html
      .replace(/<style>[^]*?<\/style>/, '')
      .matchAll(/<\/?([a-z][\w-]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/gi)) {
      if (/^(?:script|iframe|object|embed|base|link|form|input|img|image|use|foreignobject|audio|video|style)$/i.test(element))
        found.push(tag);
      if (/\s(?:on\w+|style|src|srcset|action|xlink:href)\s*=/i.test(attributes.replaceAll(/"[^"]*"/g, '""'))) found.push(tag);
    }
    expect(found).toEqual([]);
    expect(html.match(/<style>/g)).toHaveLength(1);
    expect(html.replaceAll('\n', '')).not.toMatch(UNSEEN);
  });
});

/** What forges turn into links by themselves outside of code. */
function referencesIn(html: string): string[] {
  const prose = html
    .replaceAll(/<a [^>]*>[^]*?<\/a>|<pre[^]*?<\/pre>|<code[^>]*>[^]*?<\/code>|<[^>]*>/g, ' ¦ ')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"');
  return [
    ...prose.matchAll(/.{0,20}(?:(?<!\w)@\w+|(?<![\w&])#\d+|\bGH-\d+|\bwww\.|\bhttps?:\/\/|\b[0-9a-f]{40}\b|:[a-z]+:|\{\w+\}).{0,20}/g),
  ].map(([found]) => found);
}
