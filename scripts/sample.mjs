// Writes samples/NAME.json, the snapshot of an input: node scripts/sample.mjs INPUT NAME
import { writeFileSync } from 'node:fs';
import { loadTs } from './load-ts.mjs';

const [input, name] = process.argv.slice(2);
if (!input || !name) {
  console.error('usage: node scripts/sample.mjs INPUT NAME');
  process.exit(2);
}
const { loadInput } = await loadTs('src/main.ts');
writeFileSync(`samples/${name}.json`, `${JSON.stringify(await loadInput(input))}\n`);
