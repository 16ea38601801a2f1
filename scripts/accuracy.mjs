// Prints the accuracy of the diagnosis over the labelled cases beside the project (../shared/lab, ../shared/corpus), case by case.
// A case is right when its first diagnosis is in its label's accept list; a healthy one, also when nothing is above notice.
// Exit status 1 when the share of right cases is below the floor in test/accuracy-floor.json.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { oomAccuracy } from './accuracy-oom.mjs';

const run = promisify(execFile);
const CLI = resolve('dist/memdoctor.mjs');
const SHARED = resolve(process.env.MEMDOCTOR_SHARED ?? '../shared');
const RANK = { info: 0, notice: 1, warning: 2, critical: 3 };

const floor = JSON.parse(readFileSync('test/accuracy-floor.json', 'utf8'));
const lab = labCases(join(SHARED, 'lab/captures'));
const incidents = incidentCases(join(SHARED, 'corpus/incidents'));
if (lab.length + incidents.length === 0) {
  console.log(`skipped: no labelled cases in ${SHARED}`);
  process.exit(0);
}

let below = false;
for (const [name, cases] of [
  ['lab', lab],
  ['incidents', incidents],
]) {
  if (cases.length === 0) continue;
  const results = await inParallel(cases, 2, judge);
  print(name, results);
  const right = results.filter((result) => result.verdict === 'right').length;
  const alarms = results.filter((result) => result.alarm).length;
  if (floor[name] && (right < floor[name].right || alarms > floor[name].falseAlarms)) {
    below = true;
    console.log(`${name}: below the floor of ${floor[name].right} right and ${floor[name].falseAlarms} false alarms`);
  }
}
const logs = await oomAccuracy(SHARED);
if (floor.oom && logs.of > 0 && logs.right < floor.oom.right) {
  below = true;
  console.log(`kernel logs: below the floor of ${floor.oom.right} wholly right`);
}
process.exitCode = below ? 1 : 0;

function labCases(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const label = JSON.parse(readFileSync(join(dir, file), 'utf8'));
      return {
        id: label.id,
        input: join(dir, `${label.id}.tar.xz`),
        accept: label.accept,
        quiet: label.kind !== 'fault',
        healthy: label.healthy,
        confidence: 'stated',
      };
    });
}

function incidentCases(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir).map((id) => {
    const label = JSON.parse(readFileSync(join(dir, id, 'label.json'), 'utf8'));
    return {
      id,
      input: join(dir, id, 'evidence'),
      accept: label.accept,
      quiet: label.healthy,
      healthy: label.healthy,
      confidence: label.confidence,
    };
  });
}

async function judge(one) {
  try {
    const { stdout } = await run('node', [CLI, 'diagnose', one.input, '--format', 'json'], { maxBuffer: 1 << 28 });
    const report = JSON.parse(stdout);
    const ids = report.diagnoses.map((diagnosis) => diagnosis.id);
    const worst = Math.max(-1, ...[...report.findings, ...report.diagnoses].map((finding) => RANK[finding.severity]));
    const loud = worst >= RANK.warning;
    // a suspect is no answer: the verdict stays open
    const accepted = one.accept.includes(ids[0]) && report.diagnoses[0].suspected === undefined;
    const suspected = report.diagnoses.some(({ id, suspected: only }) => only !== undefined && one.accept.includes(id));
    const verdict =
      accepted && !(one.quiet && loud)
        ? 'right'
        : report.verdict.status === 'inconclusive'
          ? 'silent'
          : ids.slice(0, 3).some((id) => one.accept.includes(id))
            ? 'top 3'
            : 'wrong';
    return {
      ...one,
      verdict,
      ids,
      suspected,
      alarm: one.quiet && loud ? (worst === RANK.critical ? 'false critical' : 'false alarm') : '',
    };
  } catch (error) {
    return {
      ...one,
      verdict: 'error',
      ids: [
        String(error.stderr || error.message)
          .trim()
          .split('\n')[0],
      ],
      alarm: '',
    };
  }
}

/** Case by case, then the sums: of all, and of each confidence of the label where there are several. */
function print(name, results) {
  console.log(`\n${name}`);
  for (const { id, verdict, ids, alarm, accept, confidence, suspected } of results)
    console.log(
      `  ${verdict.padEnd(6)} ${id.padEnd(46)} ${confidence.padEnd(9)} ${ids.slice(0, 3).join(', ') || '—'}${alarm ? `  [${alarm}]` : ''}${suspected ? '  [suspected]' : ''}${verdict === 'right' ? '' : `  (accepted: ${accept.join(', ')})`}`,
    );
  const classes = [...new Set(results.map(({ confidence }) => confidence))].toSorted((a, b) => (a < b ? -1 : 1));
  if (classes.length > 1)
    for (const each of classes)
      sum(
        `  ${each}`,
        results.filter(({ confidence }) => confidence === each),
      );
  sum(name, results);
}

function sum(name, results) {
  const tally = (verdict) => results.filter((result) => result.verdict === verdict).length;
  const top3 = results.filter((result) => result.ids.slice(0, 3).some((id) => result.accept.includes(id))).length;
  console.log(
    `${name}: ${tally('right')} right of ${results.length} (${Math.round((100 * tally('right')) / results.length)} %), ${top3} in the top 3 (${results.filter(({ suspected }) => suspected).length} of them as suspects of an open verdict), ${tally('wrong') + tally('top 3')} wrong first, ${tally('silent')} silent, ${tally('error')} errors; ${results.filter((result) => result.alarm).length} false alarms`,
  );
}

async function inParallel(items, width, work) {
  const results = Array.from({ length: items.length });
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < items.length) {
        const at = next++;
        results[at] = await work(items[at]);
      }
    }),
  );
  return results;
}
