/** axe-core finds nothing to complain of in the report of any sample, light and dark; and no page scrolls sideways. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose, loadInput, loadRules, render } from '../../src/main.js';
import { hasChromium, launch } from './chromium.js';
import { TOO_WIDE, UNFOLD } from './in-page.js';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const samples = readdirSync('samples').filter((name) => name.endsWith('.json'));

describe.skipIf(!hasChromium)('the report of a sample in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  it.each(samples.flatMap((sample) => (['light', 'dark'] as const).map((scheme) => [sample, scheme] as const)))(
    '%s, %s',
    async (sample, scheme) => {
      const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
      const html = await render(await diagnose(await loadInput(`samples/${sample}`), rules), { format: 'html' });
      const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1280, height: 900 } });
      try {
        const page = await context.newPage();
        const said: string[] = [];
        page.on('console', (message) => said.push(message.text()));
        await page.setContent(html);
        // what is folded is looked at too
        await page.evaluate(UNFOLD);
        await page.evaluate(AXE);
        const violations = (await page.evaluate(
          'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
        )) as Violation[];
        expect(violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))).toEqual([]);
        for (const width of [360, 1280]) {
          await page.setViewportSize({ width, height: 900 });
          expect(await page.evaluate(TOO_WIDE), `${width} px`).toEqual([]);
        }
        expect(said).toEqual([]);
      } finally {
        await context.close();
      }
    },
  );
});
