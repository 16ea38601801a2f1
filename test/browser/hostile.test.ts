/** The report of a hostile host in a real browser: nothing executes, nothing loads, nothing links elsewhere, nothing breaks the page. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose, loadRules, render } from '../../src/main.js';
import { baseSnapshot, linksOf, NASTY, nastyRule, poisoned } from '../report-hostile.js';
import { hasChromium, launch } from './chromium.js';
import { CONTENTS, TOO_WIDE, UNFOLD } from './in-page.js';

const ADDRESS = 'http://report.test/';
const WIDTHS = [360, 1280] as const;
const builtin = { builtin: true, disabled: [], set: [] };

describe.skipIf(!hasChromium)('a hostile host in Chromium', () => {
  let browser: Browser;
  let dir = '';
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'memdoctor-browser-'));
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it.each(Object.keys(NASTY))('%s', async (name) => {
    const nasty = NASTY[name] ?? '';
    const file = join(dir, 'nasty-rule.json');
    writeFileSync(file, JSON.stringify(nastyRule(nasty)));
    // a rule file is refused for what is not seen in it: the host alone is hostile then
    const rules = await loadRules({ ...builtin, paths: [file] }).catch(() => loadRules({ ...builtin, paths: [] }));
    const report = await diagnose(poisoned(await baseSnapshot(), nasty), rules);
    const html = await render(report, { format: 'html' });
    const context = await browser.newContext({ viewport: { width: WIDTHS[0], height: 800 } });
    try {
      const { page, happened } = await open(context, html);
      await page.evaluate(UNFOLD);
      const found: { strange: string[]; links: string[] } = await page.evaluate(CONTENTS);
      expect(found.strange).toEqual([]);
      expect(found.links.filter((link) => !link.startsWith('#') && !linksOf(report).has(link))).toEqual([]);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        expect(await page.evaluate(TOO_WIDE), `at ${width} px`).toEqual([]);
      }
      await page.keyboard.press('Tab');
      await page.mouse.move(100, 100);
      expect(happened).toEqual([]);
    } finally {
      await context.close();
    }
  });
});

async function open(context: BrowserContext, html: string): Promise<{ page: Page; happened: string[] }> {
  const happened: string[] = [];
  const page = await context.newPage();
  page.on('dialog', (dialog) => {
    happened.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => happened.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => happened.push(`error: ${error.message}`));
  page.on('popup', () => happened.push('popup'));
  await context.route('**/*', async (route) => {
    const url = route.request().url();
    if (url === ADDRESS) return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
    // the browser asks for it by itself
    if (!url.endsWith('/favicon.ico')) happened.push(`request: ${url}`);
    return route.abort();
  });
  await page.goto(ADDRESS);
  return { page, happened };
}
