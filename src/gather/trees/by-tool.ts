import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { InputError } from '../../errors.js';

/** The output of a tool that unpacks what it is given; for what the decoders here have not. @throws InputError naming the archive. */
export async function* byTool(name: string, command: string, args: readonly string[], source: Readable): AsyncGenerator<Uint8Array> {
  const tool = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<string | null>((resolve) => {
    let said = '';
    tool.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString('utf8')}`.slice(0, 300)));
    tool.once('error', (error) => resolve(`${command} could not be started: ${error.message}`));
    tool.once('close', (code) => resolve(code === 0 ? null : said.trim().split('\n')[0] || `${command} ended with status ${code}`));
  });
  tool.stdin.on('error', () => undefined);
  tool.stdout.on('error', () => undefined);
  source.on('error', () => tool.kill('SIGKILL'));
  source.pipe(tool.stdin);
  try {
    for await (const chunk of tool.stdout) yield chunk as Uint8Array;
    const problem = await ended;
    if (problem !== null) throw new InputError(`${name}: needs the ${command} tool to unpack, and that failed: ${problem}`);
  } finally {
    source.destroy();
    tool.kill('SIGKILL');
  }
}
