/** Whole-CLI scenarios: each is a row of data in test/cli/*.json, run against the built program in a directory of its own. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';

interface Scenario {
  readonly name: string;
  readonly args: readonly string[];
  /** Files to put there first: text, or base64 after "base64:", or a JSON value. */
  readonly files?: Readonly<Record<string, unknown>>;
  readonly stdin?: string;
  readonly status: number;
  /** Patterns; with status 2, stderr is besides exactly one line and stdout is empty. */
  readonly stderr?: string;
  readonly stdout?: string;
  /** Files that must not be there afterwards. */
  readonly absent?: readonly string[];
}

const CLI = resolve('dist/memdoctor.mjs');

async function run(args: readonly string[], cwd: string, stdin: string) {
  const child = spawn('node', [CLI, ...args], { cwd });
  // it may end before it has read all
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const closed = new Promise<number | null>((done) => child.on('close', done));
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { stdout, stderr, status };
}

for (const file of readdirSync('test/cli').filter((name) => name.endsWith('.json')))
  describe(file.slice(0, -5), { concurrent: true }, () => {
    const scenarios = JSON.parse(readFileSync(join('test/cli', file), 'utf8')) as Scenario[];
    test.each(scenarios)('$name', async (scenario) => {
      const dir = mkdtempSync(join(tmpdir(), 'memdoctor-cli-'));
      try {
        for (const [name, content] of Object.entries(scenario.files ?? {})) {
          mkdirSync(dirname(join(dir, name)), { recursive: true });
          writeFileSync(join(dir, name), contentOf(content));
        }
        const args = scenario.args.map((arg) => arg.replace('{repo}', resolve('.')));
        const done = await run(args, dir, scenario.stdin ?? '');
        expect({ status: done.status, stderr: done.stderr }).toEqual({
          status: scenario.status,
          stderr: expect.stringMatching(new RegExp(scenario.stderr ?? '', 's')),
        });
        if (scenario.stdout !== undefined) expect(done.stdout).toMatch(new RegExp(scenario.stdout, 's'));
        if (scenario.status === 2) {
          expect(done.stderr).toMatch(/^memdoctor: [^\n]+\n$/);
          expect(done.stderr).not.toMatch(/ {4}at |\.mjs:\d/);
          expect(done.stdout).toBe('');
        }
        for (const name of scenario.absent ?? []) expect(readdirSync(dir)).not.toContain(name);
        expect(readdirSync(dir).filter((name) => name.endsWith('.partial'))).toEqual([]);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    });
  });

function contentOf(content: unknown): string | Buffer {
  if (typeof content !== 'string') return JSON.stringify(content);
  return content.startsWith('base64:') ? Buffer.from(content.slice(7), 'base64') : content;
}
