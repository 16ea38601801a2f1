/** The page in a real browser: nothing is wider than the window, folded parts are on paper. What axe-core says: browser/accessible. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose, loadInput, loadRules } from '../src/main.js';
import type { Report } from '../src/report/report.js';
import { render } from '../src/report/render.js';
import { hasChromium, launch } from './browser/chromium.js';
import { sampleReport } from './report-sample.js';

it.runIf(process.env['CI'])('there is a browser to check with', () => expect(hasChromium).toBe(true));

describe.skipIf(!hasChromium)('the page', () => {
  const pages = new Map<string, Page>();
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
    const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
    const long = (plain: string): string => `${plain}<&"${'W'.repeat(300)}`;
    await open('long names', sampleReport({ name: long, prose: long }));
    await open('hand-made', sampleReport());
    for (const sample of ['swap-thrash', 'healthy-idle'])
      await open(sample, await diagnose(await loadInput(`samples/${sample}.json`), rules));
  }, 60_000);
  afterAll(() => browser?.close());

  async function open(name: string, report: Report): Promise<void> {
    const page = await browser.newPage();
    await page.setContent(await render(report, { format: 'html' }));
    pages.set(name, page);
  }

  async function at(width: number, page: Page | undefined): Promise<Page> {
    if (!page) throw new Error('there is no such page');
    await page.setViewportSize({ width, height: 900 });
    return page;
  }

  it.each([360, 700, 1280])('nothing is wider than a window of %i pixels', async (width) => {
    for (const [name, page] of pages)
      expect(await (await at(width, page)).evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width);
  });

  it('verdict, owner and first step are above the fold', async () => {
    const page = await at(1280, pages.get('swap-thrash'));
    const places = await page.evaluate(
      '["h1", ".who", ".todo li"].map((part) => document.querySelector(part).getBoundingClientRect().bottom)',
    );
    for (const place of places as number[]) expect(place).toBeLessThan(900);
  });

  it('what is folded is printed', async () => {
    const page = await at(1280, pages.get('swap-thrash'));
    await page.emulateMedia({ media: 'print' });
    const height = await page.evaluate('document.querySelector(".findings table").getBoundingClientRect().height');
    expect(height).toBeGreaterThan(0);
  });
});
