/** The page in a real browser: axe-core finds nothing, nothing is wider than the window, folded parts are on paper. */
import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose, loadInput, loadRules } from '../src/main.js';
import { render } from '../src/report/render.js';
import { sampleReport } from './report-sample.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM);

it.runIf(process.env['CI'])('there is a browser to check with', () => expect(missing).toBe(false));

describe.skipIf(missing)('the page', () => {
  const pages: Record<string, string> = {};
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
    const long = (plain: string): string => `${plain}<&"${'W'.repeat(300)}`;
    pages['long names'] = await render(sampleReport({ name: long, prose: long }), { format: 'html' });
    pages['hand-made'] = await render(sampleReport(), { format: 'html' });
    for (const sample of ['swap-thrash', 'healthy-idle'])
      pages[sample] = await render(await diagnose(await loadInput(`samples/${sample}.json`), rules), { format: 'html' });
  }, 60_000);
  afterAll(() => browser?.close());

  async function on<T>(
    html: string,
    how: { width?: number; dark?: boolean; free?: boolean },
    look: (page: Page) => Promise<T>,
  ): Promise<T> {
    const { width = 1280, dark = false, free = false } = how;
    // the page's own policy keeps even axe out: only this reading is without it
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light', bypassCSP: free });
    try {
      await page.setContent(html);
      return await look(page);
    } finally {
      await page.close();
    }
  }

  it.each(['hand-made', 'swap-thrash', 'healthy-idle'])(
    '%s has no violation that axe-core knows, light and dark, all unfolded',
    async (name) => {
      for (const dark of [false, true]) {
        const found = await on(pages[name] ?? '', { dark, free: true }, async (page) => {
          await page.evaluate('for (const part of document.querySelectorAll("details")) part.open = true');
          await page.evaluate(axe.source);
          return page.evaluate(
            'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))',
          );
        });
        expect(found).toEqual([]);
      }
    },
    120_000,
  );

  it.each([360, 700, 1280])('nothing is wider than a window of %i pixels', async (width) => {
    for (const html of Object.values(pages)) {
      const wide = await on(html, { width }, (page) => page.evaluate('document.documentElement.scrollWidth'));
      expect(wide).toBeLessThanOrEqual(width);
    }
  });

  it('verdict, owner and first step are above the fold', async () => {
    const places = await on(pages['swap-thrash'] ?? '', {}, (page) =>
      page.evaluate('["h1", ".who", ".todo li"].map((part) => document.querySelector(part).getBoundingClientRect().bottom)'),
    );
    for (const place of places as number[]) expect(place).toBeLessThan(900);
  });

  it('what is folded is printed', async () => {
    const height = await on(pages['swap-thrash'] ?? '', {}, async (page) => {
      await page.emulateMedia({ media: 'print' });
      return page.evaluate('document.querySelector(".findings table").getBoundingClientRect().height');
    });
    expect(height).toBeGreaterThan(0);
  });
});
