/** docs/writing-rules.md, followed to the letter: its files are written, its commands run by the built program, their output compared. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

interface File {
  readonly kind: 'file';
  readonly name: string;
  readonly text: string;
}
interface Command {
  readonly kind: 'command';
  readonly line: string;
  readonly status: number;
  readonly output: string;
}

const dir = mkdtempSync(join(tmpdir(), 'memdoctor-docs-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The blocks of the page that do something, in their order. */
function stepsOf(page: string): (File | Command)[] {
  const blocks = page.matchAll(/(?:<!-- file: (?<name>[\w./-]+) -->\n)?^```(?<language>\w+)\n(?<body>[^]*?)^```$/gm);
  return [...blocks].flatMap(({ groups = {} }): (File | Command)[] => {
    const { name, language, body = '' } = groups;
    if (name !== undefined) return [{ kind: 'file', name, text: body }];
    return language === 'console' ? commandsOf(body) : [];
  });
}

const commandsOf = (body: string): Command[] =>
  body
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [line = '', ...output] = part.split('\n');
      const status = / # exit status (\d)$/.exec(line)?.[1];
      const plain = line
        .replace(/ +# exit status \d$/, '')
        .replace('{samples}', resolve('samples'))
        .replace('/tmp/{unique}', join(dir, '.put-away'));
      return { kind: 'command', line: plain, status: Number(status ?? 0), output: output.join('\n').trim() };
    });

/** `…` stands for anything. */
const pattern = (output: string): RegExp =>
  new RegExp(
    `^${output
      .split('…')
      .map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join('[^]*')}$`,
  );

test('the tutorial works as it is written', () => {
  const bin = join(dir, '.bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'memdoctor'), `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/memdoctor.mjs')}' "$@"\n`);
  chmodSync(join(bin, 'memdoctor'), 0o755);
  const steps = stepsOf(readFileSync('docs/writing-rules.md', 'utf8'));
  expect(steps.filter(({ kind }) => kind === 'command').length).toBeGreaterThan(15);
  for (const step of steps) {
    if (step.kind === 'file') {
      mkdirSync(dirname(join(dir, step.name)), { recursive: true });
      writeFileSync(join(dir, step.name), step.text);
      continue;
    }
    const done = spawnSync('sh', ['-c', step.line], {
      cwd: dir,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    });
    expect({ line: step.line, status: done.status, stderr: done.stderr }).toEqual({ line: step.line, status: step.status, stderr: '' });
    if (step.output !== '') expect(done.stdout.trim(), step.line).toMatch(pattern(step.output));
  }
});
