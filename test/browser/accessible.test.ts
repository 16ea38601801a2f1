/** axe-core finds nothing to complain of in the report of any sample, light and dark; and no page scrolls sideways. */
import { readdirSync } from 'node:fs';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose, loadInput, loadRules, render } from '../../src/main.js';
import type { Report } from '../../src/report/report.js';
import { sampleReport } from '../report-sample.js';
import { hasChromium, launch } from './chromium.js';
import { ONLY_IN_DARK, TOO_WIDE, UNFOLD } from './in-page.js';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/** The rules of axe that look at colours; axe.getRules(['cat.color']) names them, and one more that it does not run by itself. */
const OF_COLORS = ['color-contrast', 'link-in-text-block'];
const samples = readdirSync('samples').filter((name) => name.endsWith('.json'));

async function reportOf(name: string): Promise<Report> {
  if (name === 'hand-made') return sampleReport();
  const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
  return diagnose(await loadInput(`samples/${name}`), rules);
}

describe.skipIf(!hasChromium)('the report of a sample in Chromium', () => {
  let browser: Browser;
  // one page for all: axe is loaded into it once
  let page: Page;
  const said: string[] = [];
  beforeAll(async () => {
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => said.push(message.text()));
    await page.evaluate(axe.source);
  });
  afterAll(() => browser?.close());

  async function violations(rules?: readonly string[]): Promise<string[]> {
    const options = { resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) };
    const found = (await page.evaluate(
      `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
    )) as Violation[];
    return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  }

  describe.each([...samples, 'hand-made'])('%s', (name) => {
    beforeAll(async () => {
      const html = await render(await reportOf(name), { format: 'html' });
      said.length = 0;
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setContent(html);
      // what is folded is looked at too
      await page.evaluate(UNFOLD);
    });

    it('light', async () => {
      expect(await violations()).toEqual([]);
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await page.evaluate(TOO_WIDE), `${width} px`).toEqual([]);
      }
      expect(said).toEqual([]);
    });

    // nothing else than colours can be wrong in the dark when nothing else is of another kind there
    it('dark', async () => {
      expect(await page.evaluate(ONLY_IN_DARK)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await page.evaluate('matchMedia("(prefers-color-scheme: dark)").matches')).toBe(true);
      expect(await violations(OF_COLORS)).toEqual([]);
      expect(said).toEqual([]);
    });
  });
});
