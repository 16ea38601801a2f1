import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { ReportOptions } from '../cli.js';
import { InputError } from '../errors.js';

type Format = NonNullable<ReportOptions['format']>;
const BY_ENDING: Readonly<Record<string, Format>> = {
  '.html': 'html',
  '.htm': 'html',
  '.md': 'md',
  '.txt': 'text',
  '.json': 'json',
  '.ndjson': 'ndjson',
};

/** The format of a report: as asked, else by the ending of the file, else text on a terminal and html otherwise. */
export function chooseFormat(options: Pick<ReportOptions, 'format' | 'output'>, terminal: boolean): Format {
  return (
    options.format ?? BY_ENDING[extname(options.output ?? '').toLowerCase()] ?? (terminal && options.output === undefined ? 'text' : 'html')
  );
}

/** Colours: as asked; by default on a terminal, unless NO_COLOR is set (no-color.org). */
export function chooseColor(color: ReportOptions['color'], output: string | undefined): boolean {
  if (color !== 'auto') return color === 'always';
  return output === undefined && process.stdout.isTTY && !process.env['NO_COLOR'];
}

/** Columns of text: the terminal's, else those that COLUMNS says, else 100; a file has 100. */
export function chooseWidth(output: string | undefined): number {
  if (output !== undefined) return 100;
  const said = /^\d{1,4}$/.test(process.env['COLUMNS'] ?? '') ? Number(process.env['COLUMNS']) : 0;
  return process.stdout.columns ?? (said > 0 ? said : 100);
}

/**
 * Writes a document to stdout, or to a file that gets its name only when it is whole. A device, a pipe or what a link points at is
 * written to, never replaced.
 * @throws InputError when the file cannot be written.
 */
export async function writeDocument(text: string, output: string | undefined): Promise<void> {
  if (output === undefined) {
    await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
    return;
  }
  const there = statSync(output, { throwIfNoEntry: false });
  const target = there ? realpathSync(output) : output;
  const partial = join(dirname(target), `.memdoctor-${process.pid}.partial`);
  try {
    if (there && !there.isFile()) return writeAll(openSync(target, 'w'), text);
    writeAll(openSync(partial, 'wx', 0o600), text);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new InputError(`${output}: cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

function writeAll(file: number, text: string): void {
  try {
    const data = Buffer.from(text);
    for (let at = 0; at < data.length;) at += writeSync(file, data, at);
  } finally {
    closeSync(file);
  }
}
