/** The report of a hostile host in a real browser: nothing executes, nothing loads, nothing links elsewhere, nothing breaks the page. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { render } from '../../src/main.js';
import { hostileReport, linksOf, NASTY } from '../report-hostile.js';
import { hasChromium, launch } from './chromium.js';
import { CONTENTS, TOO_WIDE, UNFOLD } from './in-page.js';

const ADDRESS = 'http://report.test/';

describe.skipIf(!hasChromium)('a hostile host in Chromium', () => {
  let browser: Browser;
  let page: Page;
  /** What the server gives for the address. */
  let html = '';
  const happened: string[] = [];
  // turned round after each page: a window keeps its width for the next
  const widths = [360, 1280];

  beforeAll(async () => {
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 360, height: 800 } });
    page.on('dialog', (dialog) => {
      happened.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => happened.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => happened.push(`error: ${error.message}`));
    page.on('popup', () => happened.push('popup'));
    await page.context().route('**/*', async (route) => {
      const url = route.request().url();
      if (url === ADDRESS) return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
      // the browser asks for it by itself
      if (!url.endsWith('/favicon.ico')) happened.push(`request: ${url}`);
      return route.abort();
    });
  });
  afterAll(() => browser?.close());

  it.each(Object.keys(NASTY))('%s', async (name) => {
    const report = await hostileReport(name);
    html = await render(report, { format: 'html' });
    happened.length = 0;
    await page.goto(ADDRESS);
    await page.evaluate(UNFOLD);
    const found: { strange: string[]; links: string[] } = await page.evaluate(CONTENTS);
    expect(found.strange).toEqual([]);
    expect(found.links.filter((link) => !link.startsWith('#') && !linksOf(report).has(link))).toEqual([]);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(TOO_WIDE), `at ${width} px`).toEqual([]);
    }
    widths.reverse();
    await page.keyboard.press('Tab');
    await page.mouse.move(100, 100);
    expect(happened).toEqual([]);
  });
});
