import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
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

/**
 * Writes a document to stdout, or to a file that gets its name only when it is whole.
 * @throws InputError when the file cannot be written.
 */
export async function writeDocument(text: string, output: string | undefined): Promise<void> {
  if (output === undefined) {
    await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
    return;
  }
  const partial = join(dirname(output), `.memdoctor-${process.pid}.partial`);
  try {
    const file = openSync(partial, 'wx', 0o600);
    try {
      const data = Buffer.from(text);
      for (let at = 0; at < data.length;) at += writeSync(file, data, at);
    } finally {
      closeSync(file);
    }
    renameSync(partial, output);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new InputError(`${output}: cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** A function that shows progress on stderr, one line that rewrites itself; silent unless stderr is a terminal. */
export function progress(quiet: boolean | undefined): (message: string) => void {
  if (quiet || !process.stderr.isTTY) return () => {};
  return (message) => process.stderr.write(`\r\u001B[K${message}`);
}
