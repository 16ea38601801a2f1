import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { columns, fit, pad, wrap } from '../src/report/columns.js';
import { HTML_PARTIALS } from '../src/report/html-partials.js';
import { FORMATS, render } from '../src/report/render.js';
import { lineChart } from '../src/templates/charts/lines.js';
import { stackedBar } from '../src/templates/charts/stacked-bar.js';
import { healthyReport, sampleReport } from './report-sample.js';

describe('render', () => {
  it.each(FORMATS)('%s is deterministic and ends with a line feed', async (format) => {
    const text = await render(sampleReport(), { format });
    expect(text).toBe(await render(sampleReport(), { format }));
    expect(text.endsWith('\n')).toBe(true);
  });

  it('json is the report, ndjson is it on one line', async () => {
    expect(JSON.parse(await render(sampleReport(), { format: 'json' }))).toEqual(sampleReport());
    expect((await render(sampleReport(), { format: 'ndjson' })).split('\n')).toHaveLength(2);
  });
});

describe('text', () => {
  it('of a healthy host fits one screen', async () => {
    const text = await render(healthyReport(), { format: 'text', width: 80 });
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(40);
  });

  it.each([40, 80, 120, 200])('keeps within %i columns, but for commands', async (width) => {
    const lines = (await render(sampleReport(), { format: 'text', width })).split('\n');
    expect(lines.filter((line) => columns(line) > width && !line.trim().startsWith('$ '))).toEqual([]);
  });

  it('has colours only when asked', async () => {
    expect(await render(sampleReport(), { format: 'text' })).not.toContain('\u001B');
    expect(await render(sampleReport(), { format: 'text', color: true })).toContain('\u001B[31m');
  });

  it('says verdict, cause, owner, actions', async () => {
    const text = await render(sampleReport(), { format: 'text', width: 100 });
    for (const part of [
      'CRITICAL: One process',
      'Root cause',
      'process leaky [812], 310 MiB',
      '$ systemctl set-property',
      'not accounted for',
      'leaky [812]',
    ])
      expect(text).toContain(part);
  });

  it('a report without anything is still one', async () => {
    const bare = {
      ...healthyReport(),
      diagnoses: [],
      findings: [],
      balance: null,
      facts: {},
      series: {},
      sources: {},
      unknown: [],
      tables: { processes: [], slab: [], numa: [], cgroups: [], swaps: [] },
    };
    for (const format of FORMATS) expect(await render(bare, { format })).not.toBe('');
  });
});

describe('columns', () => {
  it('knows wide and combining characters', () => {
    expect(columns('日本')).toBe(4);
    expect(columns('e\u0301')).toBe(1);
    expect(fit('日本語', 5)).toBe('日本…');
    expect(pad('ab', 4, 'right')).toBe('  ab');
    expect(wrap(`a ${'b'.repeat(25)}`, 12)).toEqual(['a', 'b'.repeat(12), 'b'.repeat(12), 'b']);
  });
});

describe('html', () => {
  it('allows its own style sheet by hash, no script, nothing loaded', async () => {
    const html = await render(sampleReport(), { format: 'html' });
    const css = /<style>([^<]*)<\/style>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(css).digest('base64');
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]?.replaceAll('&#x3D;', '=').replaceAll('&#x27;', "'");
    expect(policy).toBe(`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\sstyle=|\son\w+=|url\(|@import/i);
    expect(html.length).toBeLessThan(120_000);
  });

  it('has one h1, landmarks, captions, and a label on every picture', async () => {
    const html = await render(sampleReport(), { format: 'html' });
    expect(html.match(/<h1>/g)).toHaveLength(1);
    for (const landmark of ['<html lang="en">', '<header>', '<main>', '<footer>']) expect(html).toContain(landmark);
    // a picture inside another is a part of it
    for (const [picture] of html.matchAll(/<svg class="(?:chart|swatch|line-key|mark-key)[^>]*>/g))
      expect(picture).toMatch(/role="img" aria-label="[^"]+"|aria-hidden="true"/);
    for (const [, ref] of html.matchAll(/ href="#([^"]*)"/g))
      expect([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)).toContain(ref);
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids).toContain(id);
  });

  it('says the cause before all else', async () => {
    const html = await render(sampleReport(), { format: 'html' });
    const order = [
      '<h1>',
      'Root cause',
      'Owner: process',
      'What to do',
      'Why we think so',
      '>Key figures</h2>',
      '>Where memory is</h2>',
      '>Findings</h2>',
      '>What could not be checked</h2>',
      '>Where it comes from</h2>',
    ].map((part) => html.indexOf(part));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it('text on its backgrounds has the contrast of WCAG AA', () => {
    const css = readFileSync('src/templates/page.css', 'utf8');
    const [light = '', dark = ''] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => body ?? '');
    for (const theme of [light, dark]) {
      const color = (name: string): string => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(theme)?.[1] ?? '';
      for (const ink of ['ink', 'quiet', 'link'])
        for (const ground of ['bg', 'card', 'soft'])
          expect(contrast(color(ink), color(ground)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      for (const ground of ['critical', 'warning', 'notice', 'info', 'good'])
        expect(contrast('#ffffff', color(ground)), ground).toBeGreaterThanOrEqual(4.5);
      // letters in the parts of bars, and the parts and lines themselves against the card
      for (let tone = 0; tone < 12; tone++) {
        expect(contrast(color('on'), color(`c${tone}`)), `letter on c${tone}`).toBeGreaterThanOrEqual(4.5);
        expect(contrast(color('card'), color(`c${tone}`)), `c${tone} on card`).toBeGreaterThanOrEqual(3);
      }
      expect(contrast(color('ink'), color('free')), 'letter on free').toBeGreaterThanOrEqual(4.5);
      expect(contrast(color('bg'), color('lost')), 'letter on lost').toBeGreaterThanOrEqual(4.5);
      for (const [ink, heat] of [
        ['quiet', 0],
        ['ink', 1],
        ['ink', 2],
        ['ink', 3],
        ['on', 4],
        ['on', 5],
      ] as const)
        expect(contrast(color(ink), color(`h${heat}`)), `number on h${heat}`).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe('templates', () => {
  it('print nothing but through a helper', () => {
    const md =
      readFileSync('src/templates/report.md.hbs', 'utf8') + readFileSync('src/report/markdown.ts', 'utf8').split('/** Longer names')[0];
    expect([...md.matchAll(/\{\{(?!\{?[#/>]|else|(?:md|code|prose|block|link) )[^}]*\}\}/g)].map(([all]) => all)).toEqual([]);
    const html = readFileSync('src/templates/page.html.hbs', 'utf8') + Object.values(HTML_PARTIALS).join('');
    const raw = [...html.matchAll(/\{\{\{([^}]*)\}\}\}/g)].map(([, name]) => name);
    expect(new Set(raw)).toEqual(new Set(['css', 'memoryMap', 'line', 'svg', 'zoneMarks', 'freeLists', 'numa']));
  });
});

describe('charts', () => {
  it('escape what they are given', () => {
    expect(stackedBar([{ label: '<b>"', value: 1, tone: 't0' }], '<i>')).not.toMatch(/<b>|<i>/);
  });

  it('draw nothing from nothing, and no number that is none', () => {
    expect(stackedBar([{ label: 'x', value: 0, tone: 't0' }], 'x')).toBe('');
    expect(lineChart({ label: 'x', tick: String, lines: [] })).toBe('');
    const flat = lineChart({
      label: 'x',
      tick: String,
      lines: [
        {
          name: 'a',
          tone: 't0',
          points: [
            [0, 0],
            [0, 0],
          ],
        },
      ],
    });
    expect(flat).not.toMatch(/NaN|Infinity/);
  });
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
