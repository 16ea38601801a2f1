// Speed, as ratios in one run: `npm run bench`. Nothing here is a test: machines are noisy.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadTs } from './load-ts.mjs';

const CLI = resolve('dist/memdoctor.mjs');
const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function wallSeconds(args) {
  const started = performance.now();
  const { status } = spawnSync('node', args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with status ${status}`);
  return (performance.now() - started) / 1000;
}

const pairs = Array.from({ length: 15 }, () => [wallSeconds(['-e', '0']), wallSeconds([CLI, '--version'])]);
console.log(
  `start: memdoctor --version takes ${median(pairs.map(([bare, ours]) => ours / bare)).toFixed(2)} times a bare node (${(1000 * median(pairs.map(([bare]) => bare))).toFixed(0)} ms)`,
);

const { diagnose, loadRules, render } = await loadTs('src/main.ts');
const loaded = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
for (const file of readdirSync('samples').filter((name) => name.endsWith('.json'))) {
  const snapshot = JSON.parse(readFileSync(`samples/${file}`, 'utf8'));
  await diagnose(snapshot, loaded);
  const runs = 20;
  const started = process.cpuUsage();
  for (let run = 0; run < runs; run++) await diagnose(snapshot, loaded);
  const { user, system } = process.cpuUsage(started);
  const each = (user + system) / 1e6 / runs;
  const report = await diagnose(snapshot, loaded);
  const before = process.cpuUsage();
  const html = await render(report, { format: 'html', color: false, width: 100 });
  const page = process.cpuUsage(before);
  console.log(
    `${file}: ${(1000 * each).toFixed(1)} ms CPU a diagnosis (${Math.round(60 / each)} a minute), html ${((page.user + page.system) / 1000).toFixed(0)} ms CPU, ${Math.round(html.length / 1024)} KiB`,
  );
}
