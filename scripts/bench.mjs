// Speed, as ratios in one run: `npm run bench`. Nothing here is a test: machines are noisy.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
const AIM = 2000;
const cpuMs = ({ user, system }) => (user + system) / 1000;
const perMinute = [];
for (const file of readdirSync('samples').filter((name) => name.endsWith('.json'))) {
  const snapshot = JSON.parse(readFileSync(`samples/${file}`, 'utf8'));
  // a minute of diagnoses runs on compiled code: so does this
  for (let run = 0; run < 30; run++) await diagnose(snapshot, loaded);
  const runs = 100;
  const started = process.cpuUsage();
  for (let run = 0; run < runs; run++) await diagnose(snapshot, loaded);
  // the time of all threads, also those that collect garbage: what one core alone would have to do
  const each = cpuMs(process.cpuUsage(started)) / runs;
  perMinute.push([Math.round(60_000 / each), file]);
  const report = await diagnose(snapshot, loaded);
  const before = process.cpuUsage();
  const html = await render(report, { format: 'html', color: false, width: 100 });
  const page = cpuMs(process.cpuUsage(before));
  console.log(
    `${file}: ${each.toFixed(1)} ms CPU a diagnosis (${Math.round(60_000 / each)} a minute), html ${page.toFixed(0)} ms CPU, ${Math.round(html.length / 1024)} KiB`,
  );
}
const [slowest] = perMinute.toSorted(([a], [b]) => a - b);
console.log(
  `diagnoses: ${median(perMinute.map(([number]) => number))} a minute, ${slowest[0]} for the slowest sample (${slowest[1]}): the aim of ${AIM} is ${slowest[0] >= AIM ? 'met' : 'MISSED'}`,
);

/** A syslog of `mebibytes`: what a busy host writes, and now and then a report of the OOM killer. */
function writeLog(file, mebibytes) {
  const handle = openSync(file, 'w');
  const stamp = (line) => {
    const at = (line / 40).toFixed(6).padStart(12);
    const clock = new Date(1_790_000_000_000 + line * 25).toISOString().slice(11, 19);
    return `Nov 23 ${clock} server01 kernel: [${at}]`;
  };
  const usual = [
    (n) =>
      `audit: type=1400 audit(1790000000.${n % 1000}:${n}): apparmor="ALLOWED" operation="open" profile="snap.x" name="/proc/${n % 32_768}/stat"`,
    (n) => `br-7f3c: port ${n % 60}(veth${(n % 65_536).toString(16)}) entered forwarding state`,
    (n) =>
      `[UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:aa:bb:cc SRC=198.51.100.${n % 255} DST=203.0.113.9 LEN=40 TTL=243 ID=${n % 65_536} PROTO=TCP SPT=${n % 60_000} DPT=22`,
    (n) => `nfs: server filer${n % 9} not responding, still trying`,
    (n) => `usb 1-${n % 8}: new high-speed USB device number ${n % 127} using xhci_hcd`,
  ];
  const report = readFileSync('test/sources/kernel-log/6.1-oom-global.txt', 'utf8').split('\n').filter(Boolean);
  let [line, size] = [0, 0];
  while (size < mebibytes * 1_048_576) {
    const rows = [];
    for (; rows.length < 5000; line++) rows.push(`${stamp(line)} ${usual[line % usual.length](line)}`);
    if (line % 50_000 === 0) for (const text of report) rows.push(`${stamp(line)} ${text.replace(/^(?:<\d+>)?\[[^\]]*\] ?/, '')}`);
    size += writeSync(handle, `${rows.join('\n')}\n`);
  }
  closeSync(handle);
}

// a big log needs a disk: 500 MiB when asked for (`npm run bench -- --log [MIB]`), else a small one
const asked = process.argv.indexOf('--log');
const mebibytes = asked < 0 ? 64 : Number(process.argv[asked + 1] ?? 500);
const file = join(tmpdir(), `memdoctor-bench-${process.pid}.log`);
try {
  writeLog(file, mebibytes);
  const size = statSync(file).size / 1_048_576;
  const grep = () => {
    const started = performance.now();
    spawnSync('grep', ['-c', 'oom', file], { env: { ...process.env, LC_ALL: 'C' } });
    return (performance.now() - started) / 1000;
  };
  grep();
  const theirs = median([grep(), grep(), grep()]);
  const started = performance.now();
  const run = spawnSync('/usr/bin/env', ['time', '-f', '%M', 'node', CLI, 'diagnose', file, '--format', 'json'], {
    encoding: 'utf8',
    maxBuffer: 268_435_456,
  });
  const ours = (performance.now() - started) / 1000;
  if (run.status !== 0) throw new Error(run.stderr);
  const peak = Number(/^(\d+)\s*$/m.exec(run.stderr)?.[1] ?? NaN) / 1024;
  console.log(
    `kernel log of ${size.toFixed(0)} MiB: diagnose ${ours.toFixed(2)} s (${(size / ours).toFixed(0)} MiB/s), peak ${peak.toFixed(0)} MiB; ` +
      `grep -c oom ${theirs.toFixed(2)} s (${(size / theirs).toFixed(0)} MiB/s): ${(ours / theirs).toFixed(1)} times as long`,
  );
} finally {
  rmSync(file, { force: true });
}
