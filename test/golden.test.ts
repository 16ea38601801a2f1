/** Golden reports: what every sample must give, in every format. `npm run update:golden` writes them anew: read the difference. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diagnose, loadInput, loadRules, render } from '../src/main.js';
import { validateReport } from '../src/validators.js';

const FORMATS = ['json', 'md', 'text', 'html'] as const;
const samples = readdirSync('samples')
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -5));

test.each(samples.flatMap((sample) => FORMATS.map((format) => [sample, format] as const)))('%s as %s', async (sample, format) => {
  const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
  const report = await diagnose(await loadInput(join('samples', `${sample}.json`)), rules);
  expect(validateReport(report)).toEqual([]);
  const text = await render(format === 'json' ? { ...report, facts: {} } : report, { format, color: false, width: 100 });
  if (format === 'html') expect(text.length).toBeLessThan(500 * 1024);
  const file = join('test/golden', sample, `report.${format === 'text' ? 'txt' : format}`);
  if (process.env['UPDATE_GOLDEN'] || !existsSync(file)) {
    expect(process.env['CI'], `${file} is missing`).toBeUndefined();
    mkdirSync(join('test/golden', sample), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
});
