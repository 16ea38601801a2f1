/** Text for terminals of any width; and the command line's redaction and several inputs. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnose, loadInput, loadRules, render } from '../src/main.js';
import { columns } from '../src/report/columns.js';

const samples = readdirSync('samples').filter((name) => name.endsWith('.json'));
const rules = loadRules({ builtin: true, paths: [], disabled: [], set: [] });
const reportOf = async (sample: string) => diagnose(await loadInput(join('samples', sample)), await rules);

describe.each(samples)('%s as text', (sample) => {
  it('fits every width, commands aside, and a healthy one a screen of 24 lines', async () => {
    const report = await reportOf(sample);
    for (let width = 40; width <= 200; width += 20) {
      const lines = (await render(report, { format: 'text', width })).split('\n');
      expect(lines.filter((line) => columns(line) > width && !/^ +\$ /.test(line))).toEqual([]);
      if (report.verdict.status === 'healthy') expect(lines.length, `${width} columns`).toBeLessThanOrEqual(24);
    }
  });

  it('is the same with colours, but for the colours', async () => {
    const report = await reportOf(sample);
    const colored = await render(report, { format: 'text', width: 80, color: true });
    // oxlint-disable-next-line no-control-regex -- the colours are what is taken away
    expect(colored.replaceAll(/\u001B\[\d{1,2}m/g, '')).toBe(await render(report, { format: 'text', width: 80 }));
  });

  it('shows more on a taller terminal', async () => {
    const report = await reportOf(sample);
    const [small, tall] = await Promise.all([24, 60].map((height) => render(report, { format: 'text', width: 80, height })));
    expect(tall!.length).toBeGreaterThanOrEqual(small!.length);
  });
});

describe('columns', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['한글', 4],
    ['ｆｕｌｌ', 8],
    ['e\u0301', 1],
    ['🧨', 2],
    ['✅', 2],
    ['🇩🇪', 2],
    ['नमस्ते', 4],
  ])('%s takes %i', (text, width) => expect(columns(text)).toBe(width));
});

const CLI = resolve('dist/memdoctor.mjs');
describe.skipIf(!existsSync(CLI))('the command line', () => {
  const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', maxBuffer: 1 << 27, env: { ...process.env, ...env } });

  it('one bad input of several costs its own line only', () => {
    const done = run([
      'diagnose',
      'samples/swap-full.json',
      'missing.json',
      'samples/healthy-idle.json',
      '--format',
      'ndjson',
      '--fail-on',
      'critical',
    ]);
    expect(done.stderr).toBe('memdoctor: missing.json: there is no such file or directory\n');
    expect(done.status).toBe(2);
    const reports = done.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { verdict: { status: string } });
    expect(reports.map(({ verdict }) => verdict.status)).toEqual(['critical', 'healthy']);
  });

  it('several good inputs: status 1 when one of them meets --fail-on', () => {
    const done = run(['diagnose', 'samples/swap-full.json', 'samples/healthy-idle.json', '--format', 'ndjson', '--fail-on', 'critical']);
    expect([done.status, done.stderr, done.stdout.trim().split('\n').length]).toEqual([1, '', 2]);
  });

  it('--redact leaves no name of the host in any format, and says so', () => {
    for (const format of ['text', 'md', 'html', 'json']) {
      const { status, stdout } = run(['diagnose', '--redact', '--format', format, 'samples/anon-leak-process.json']);
      expect(status).toBe(0);
      expect(stdout).toMatch(format === 'json' ? /"redacted": \{\s+"hosts": 1,/ : /Redacted: 1 host,/);
      expect(stdout).toContain('host-1');
      expect(stdout).not.toMatch(/\blab\b|labagent/);
    }
  });

  it('--redact and --raw contradict each other', () => {
    const dir = mkdtempSync(join(tmpdir(), 'memdoctor-raw-'));
    try {
      const done = run(['gather', '--redact', '--raw', join(dir, 'raw'), '--duration', '0']);
      expect([done.status, done.stdout]).toEqual([2, '']);
      expect(done.stderr).toMatch(/^memdoctor: --raw keeps the evidence as it is[^\n]*\n$/);
      const gathered = run(['gather', '--redact', '--duration', '0', '-o', join(dir, 'snapshot.json')]);
      expect([gathered.status, gathered.stderr]).toEqual([0, '']);
      expect(JSON.parse(readFileSync(join(dir, 'snapshot.json'), 'utf8'))).toHaveProperty('redacted');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('NO_COLOR, COLUMNS and --color', () => {
    const plain = run(['diagnose', '--format', 'text', 'samples/swap-full.json'], { COLUMNS: '50' }).stdout;
    expect(plain).not.toContain('\u001B');
    expect(
      Math.max(
        ...plain
          .split('\n')
          .filter((line) => !/^ +\$ /.test(line))
          .map(columns),
      ),
    ).toBeLessThanOrEqual(50);
    expect(run(['diagnose', '--format', 'text', '--color', 'always', 'samples/swap-full.json'], { NO_COLOR: '1' }).stdout).toContain(
      '\u001B[',
    );
  });
});
