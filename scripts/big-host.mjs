// Writes samples/NAME.json of hosts that no laboratory has, from scripts/big-host/hosts/NAME.mjs: node scripts/big-host.mjs [NAME…]
// The files of the kernel are written first, all from one account of every page, and memdoctor itself reads them.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cgroupFiles } from './big-host/cgroup-files.mjs';
import { buddyinfoText, meminfoText, nodeFiles, swapsText, vmstatText, zoneinfoText } from './big-host/memory-files.mjs';
import { stateOf } from './big-host/model.mjs';
import { otherFiles } from './big-host/other-files.mjs';
import { kernelThreadFiles, processFiles } from './big-host/process-files.mjs';
import { slabinfoText } from './big-host/slab.mjs';
import { loadTs } from './load-ts.mjs';

function filesOf(host, at) {
  const state = stateOf(host, at);
  return [
    ['proc/meminfo', meminfoText(host, state)],
    ['proc/vmstat', vmstatText(host, state)],
    ['proc/zoneinfo', zoneinfoText(host, state)],
    ['proc/buddyinfo', buddyinfoText(host, state)],
    ['proc/slabinfo', slabinfoText(state.slab)],
    ['proc/swaps', swapsText(host, state)],
    ...nodeFiles(host, state),
    ...processFiles(host, state),
    ...kernelThreadFiles(host, state),
    ...cgroupFiles(host, state),
    ...otherFiles(host, state),
  ];
}

function writeEvidence(host, dir) {
  const samples = [-host.seconds, 0].map((at, index) => {
    const name = `sample-${index + 1}`;
    for (const [path, text] of filesOf(host, at)) {
      const file = path === 'kernel-log.txt' ? join(dir, path) : join(dir, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return { dir: name, time: host.time + at, monotonic: host.uptime + at };
  });
  const manifest = {
    format: 'memdoctor-evidence/1',
    hostname: host.hostname,
    kernel: host.kernel,
    pageSize: 4096,
    clockTicks: 100,
    samples,
  };
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
}

const names = readdirSync('scripts/big-host/hosts').map((name) => name.replace(/\.mjs$/, ''));
const wanted = process.argv.slice(2);
const { loadInput } = await loadTs('src/main.ts');
for (const name of wanted.length === 0 ? names : wanted) {
  const { default: described } = await import(`./big-host/hosts/${name}.mjs`);
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-host-'));
  try {
    writeEvidence({ seconds: 10, ...described, name }, dir);
    const snapshot = await loadInput(dir);
    // how long the reading of a temporary folder took is nobody's concern, and would differ each time
    for (const report of Object.values(snapshot.sources)) report.seconds = 0;
    for (const sample of snapshot.samples) if ('seconds' in sample) sample.seconds = 0;
    writeFileSync(`samples/${name}.json`, `${JSON.stringify(snapshot)}\n`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
