import fc from 'fast-check';
import { Marked, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import type { Report } from '../src/report/report.js';
import { render } from '../src/report/render.js';
import { sampleReport } from './report-sample.js';

/** Names and words that processes, cgroups, files and log lines may choose. */
const NASTY = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '![x](http://evil.example/x.png)',
  'http://evil.example/',
  'www.evil.example',
  'me@evil.example',
  'a | b | c',
  '`rm -rf`',
  '```\n# heading\n```',
  '\n\n# heading\n\n<b>x</b>',
  '\u001B[2J\u001B]0;title\u0007',
  '\u009B31m',
  '\u202Egnp.exe\u2066',
  '\u0000\r\b',
  '{{constructor.constructor "x"}}',
  '${7*7}',
  "'; DROP TABLE x; --",
  '</style><style>*{display:none}</style>',
  '</code></pre>',
  '-->]]>',
  '\uD800 lone',
  'x'.repeat(300),
];

/** Whatever came from us: the references, and nothing else. */
const OURS = /^https:\/\/docs\.kernel\.org\//;

/** The only HTML in our Markdown: the parts of the appendix of tools, folded. */
const FOLDED = /^<details>\n<summary>(?:vmstat 1|ps aux): [a-z ]+<\/summary>\n*$|^<\/details>\n*$/;

function checkText(text: string, color: boolean): void {
  // eslint-disable-next-line no-control-regex
  const bare = color ? text.replaceAll(/\u001B\[\d+m/g, '') : text;
  expect(bare.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
}

function checkMarkdown(markdown: string): void {
  const tokens: string[] = [];
  new Marked({ gfm: true })
    .use({
      walkTokens(token: Token) {
        if (['html', 'image', 'def'].includes(token.type) && !FOLDED.test(token.raw)) tokens.push(token.raw);
        if (token.type === 'link' && !OURS.test(token['href'])) tokens.push(token.raw);
      },
    })
    .parse(markdown, { async: false });
  expect(tokens).toEqual([]);
  expect(markdown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
}

/** The elements and attributes that the page's own templates and charts have. */
const ELEMENTS = new Set(
  'html head meta title style body a header p span b h1 h2 h3 h4 nav dl div dt dd main section details summary ul ol li figure figcaption table thead tbody tr th td small code pre em footer svg rect line text path br'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'lang charset http-equiv content name class href aria-labelledby id role tabindex scope aria-label viewBox x y x1 x2 y1 y2 d open width height text-anchor rel aria-hidden preserveAspectRatio'.split(
    ' ',
  ),
);

function checkHtml(html: string): void {
  const body = html.replace(/<style>[^<]*<\/style>/, '');
  expect(body).toMatch(/^<!doctype html>/);
  const found = new Set<string>();
  for (const [whole, name = '', attributes = ''] of body.matchAll(/<\/?([a-z][a-z0-9]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>/gi)) {
    if (!ELEMENTS.has(name)) found.add(whole);
    for (const [, attribute = '', value = ''] of attributes.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) {
      if (!ATTRIBUTES.has(attribute)) found.add(`${whole}: ${attribute}`);
      if (attribute === 'href' && !value.startsWith('#') && !OURS.test(value)) found.add(whole);
    }
  }
  expect([...found]).toEqual([]);
  // nothing looks like a tag but what was seen above
  expect(body.replaceAll(/<\/?[a-z][a-z0-9]*(?:\s+[\w-]+(?:="[^"]*")?)*\s*\/?>|<!doctype html>/gi, '')).not.toMatch(/</);
  expect(body.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(html.match(/<style>/g)).toHaveLength(1);
}

async function checkAll(report: Report): Promise<void> {
  checkText(await render(report, { format: 'text', width: 80 }), false);
  checkText(await render(report, { format: 'text', width: 80, color: true }), true);
  checkMarkdown(await render(report, { format: 'md' }));
  checkHtml(await render(report, { format: 'html' }));
  for (const format of ['json', 'ndjson'] as const) {
    const json = await render(report, { format });
    expect(JSON.parse(json)).toEqual(report);
    expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
}

describe('what a host says is harmless in every format', () => {
  it.each(NASTY)('%j as a name', (nasty) => checkAll(sampleReport({ name: () => nasty })));
  it.each(NASTY)('%j inside prose', (nasty) =>
    checkAll(sampleReport({ name: (plain) => plain + nasty, prose: (plain) => `${nasty} ${plain} ${nasty}` })),
  );

  it('whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary' }))).map((parts) => parts.join('')),
        async (nasty) => {
          await checkAll(sampleReport({ name: () => nasty, prose: (plain) => plain + nasty }));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('a long name of everything does not make the page large', async () => {
    const html = await render(sampleReport({ name: () => '😀<&"'.repeat(1000) }), { format: 'html' });
    expect(html.length).toBeLessThan(500_000);
  });

  it('a link of a rule that is no https address is text', async () => {
    const references = [
      { title: 'x', url: 'javascript:alert(1)' },
      { title: 'y', url: 'https://docs.kernel.org/"onclick="x' },
    ];
    const { findings, ...rest } = sampleReport();
    const report: Report = { ...rest, findings: findings.map((finding) => ({ ...finding, references })) };
    for (const format of ['html', 'md', 'text'] as const)
      expect(await render(report, { format })).not.toMatch(/href="javascript|onclick="x"|\]\(<?javascript/);
  });
});
