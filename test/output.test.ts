import { execFileSync } from 'node:child_process';
import { closeSync, lstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeDocument } from '../src/commands/output.js';

const dir = mkdtempSync(join(tmpdir(), 'memdoctor-output-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('a pipe is written to, not replaced', async () => {
  const pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, 'r+');
  await writeDocument('text', pipe);
  const read = Buffer.alloc(4);
  readSync(reader, read);
  closeSync(reader);
  expect(read.toString()).toBe('text');
  expect(statSync(pipe).isFIFO()).toBe(true);
});

test('a link stays, and what it points at gets the text', async () => {
  writeFileSync(join(dir, 'report'), 'old');
  symlinkSync(join(dir, 'report'), join(dir, 'link'));
  await writeDocument('new', join(dir, 'link'));
  expect(lstatSync(join(dir, 'link')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(dir, 'report'), 'utf8')).toBe('new');
});

test('what cannot be written is one clear line', async () => {
  await expect(writeDocument('text', dir)).rejects.toThrow(`${dir}: cannot be written: EISDIR`);
  await expect(writeDocument('text', join(dir, 'none/report'))).rejects.toThrow('cannot be written: ENOENT');
});
