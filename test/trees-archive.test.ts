import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';
import { expect, test } from 'vitest';
import { InputError } from '../src/errors.js';
import { openEvidence } from '../src/gather/evidence.js';
import { ARCHIVE_BOUNDS, readArchive, type Want } from '../src/gather/trees/archive.js';
import { formatOf } from '../src/gather/trees/decompress.js';
import { directoryTree } from '../src/gather/trees/directory.js';

const file = (name: string, body: string): TarEntry => ({ header: { name, size: Buffer.byteLength(body), type: 'file' }, body });
const MEMINFO = 'MemTotal: 1000 kB\n';
const pack = async (...entries: TarEntry[]): Promise<Buffer> => Buffer.from(await packTar(entries));
const FILE_BYTES = 8_388_608;
const all = (): Want => ({ as: 'file', most: FILE_BYTES });
const input = (bytes: Buffer) => ({
  name: 'a.tar',
  format: formatOf(bytes) ?? ('tar' as const),
  openIt: () => Readable.from([bytes], { objectMode: false }),
  whole: bytes,
});
const read = (bytes: Buffer, bounds: object = {}, wanted: (path: string) => Want | null = all) =>
  readArchive(input(bytes), wanted, { ...ARCHIVE_BOUNDS, ...bounds });
const tool = (name: string, bytes: Buffer, ...flags: string[]): Buffer =>
  execFileSync(name, flags, { input: bytes, stdio: ['pipe', 'pipe', 'ignore'] });
/** A zip of these files, made by the zip tool. */
function zip(files: Readonly<Record<string, string | Buffer>>, ...flags: string[]): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-'));
  try {
    for (const [name, body] of Object.entries(files)) {
      mkdirSync(join(dir, name, '..'), { recursive: true });
      writeFileSync(join(dir, name), body);
    }
    execFileSync('zip', ['-q', '-r', ...flags, 'a.zip', ...Object.keys(files)], { cwd: dir });
    return readFileSync(join(dir, 'a.zip'));
  } finally {
    rmSync(dir, { recursive: true });
  }
}
const has = (name: string): boolean => (process.env['PATH'] ?? '').split(':').some((dir) => existsSync(join(dir, name)));
const xz = (bytes: Buffer, ...flags: string[]): Buffer => execFileSync('xz', ['-c', ...flags], { input: bytes });

const VMSTAT = 'nr_free_pages 1\n'.repeat(500);
const good = await pack(file('top/proc/meminfo', MEMINFO), file('top/proc/vmstat', VMSTAT));
const goodZip = has('zip') ? zip({ 'top/proc/meminfo': MEMINFO, 'top/proc/vmstat': VMSTAT }) : null;
const bzip2 = has('bzip2') ? tool('bzip2', good, '-c') : null;
const zstd = has('zstd') ? tool('zstd', good, '-qc') : null;
const packings: [string, Buffer][] = [
  ['tar', good],
  ['tar.gz', gzipSync(good)],
  ['tar.xz', xz(good)],
  ...(bzip2 ? [['tar.bz2', bzip2] as [string, Buffer]] : []),
  ...(zstd ? [['tar.zst', zstd] as [string, Buffer]] : []),
  ...(goodZip ? [['zip', goodZip] as [string, Buffer]] : []),
];

test.each([
  ...packings,
  ['tar.xz with a check that only the xz tool has', xz(good, '--check=sha256')] as [string, Buffer],
  ...(has('zstd')
    ? [
        ['tar.zst with a window that only the zstd tool should have', tool('zstd', good, '-qc', '--ultra', '-22', '--zstd=wlog=26')] as [
          string,
          Buffer,
        ],
      ]
    : []),
])('reads a %s, told by its first bytes', async (_, bytes) => {
  const { files } = await read(bytes);
  expect([...files.keys()]).toEqual(['top/proc/meminfo', 'top/proc/vmstat']);
  expect(files.get('top/proc/meminfo')?.body.toString()).toBe(MEMINFO);
});

test.each(packings)('says of a truncated %s that it is', async (_, bytes) => {
  const cuts = [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => Math.floor(bytes.length * part)).concat(bytes.length - 1);
  for (const cut of cuts) {
    const error = await read(bytes.subarray(0, cut)).catch((thrown: unknown) => thrown);
    // the last byte of the end mark's padding may be missing from a plain tar
    expect(error, `cut at ${cut} of ${bytes.length}`).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(/^a\.tar: .*(truncated|damaged|not a tar)/);
    expect((error as InputError).message).not.toContain('\n');
  }
});

test('a flipped bit is an InputError or harmless, never anything else', async () => {
  for (const [, bytes] of packings)
    for (let at = 0; at < Math.min(bytes.length, 2000); at += 7) {
      const bad = Buffer.from(bytes);
      bad[at] = (bad[at] ?? 0) ^ 0x10;
      const error = await read(bad).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error !== null) expect(error, `bit flipped at ${at}: ${String(error)}`).toBeInstanceOf(InputError);
    }
});

test('passes over names that lead out, links and devices, and says so', async () => {
  const bytes = await pack(
    file('../../etc/passwd', 'x'),
    file('/etc/shadow', 'x'),
    file('top/../../proc/meminfo', 'x'),
    { header: { name: 'top/proc/vmstat', size: 0, type: 'symlink', linkname: '/etc/shadow' } },
    { header: { name: 'top/proc/stat', size: 0, type: 'link', linkname: 'top/proc/meminfo' } },
    { header: { name: 'top/proc/kmsg', size: 0, type: 'character-device' } },
    { header: { name: 'top/proc/pipe', size: 0, type: 'fifo' } },
    file('./top/./proc//meminfo', MEMINFO),
  );
  const { files, notes } = await read(bytes);
  expect([...files.keys()]).toEqual(['top/proc/meminfo']);
  expect(notes).toEqual(['a.tar: entry "../../etc/passwd" (a path out of the archive) was passed over, and 6 others for such reasons']);
  const { samples } = await openEvidence(bytes);
  expect((await samples[0]?.tree.read(['proc/vmstat', 'proc/meminfo']))?.map((result) => result.status)).toEqual(['absent', 'ok']);
});

test('keeps to its bounds, naming the archive and the entry', async () => {
  const refusal = async (bytes: Buffer, bounds: object): Promise<string> =>
    read(bytes, bounds).then(
      () => 'read',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  expect(await refusal(good, { entries: 1 })).toBe('InputError: a.tar: entry "top/proc/vmstat": more than 1 entries');
  expect(await refusal(good, { keptBytes: 100 })).toMatch(/^InputError: a\.tar: entry "top\/proc\/vmstat": more than .* MiB of evidence$/);
  const bomb = await pack(file('top/proc/meminfo', '0'.repeat(20_000_000)));
  for (const packed of [gzipSync(bomb, { level: 9 }), xz(bomb)]) {
    expect(await refusal(packed, { unpackedBytes: 1_048_576 })).toMatch(/more than 1 MiB when unpacked$/);
    expect(await refusal(packed, { ratioFrom: 1_048_576, ratio: 100, deflateRatio: 100 })).toMatch(
      /unpacks to more than 100 times its size$/,
    );
  }
  const { files } = await read(bomb);
  expect(files.get('top/proc/meminfo')).toMatchObject({ truncated: true });
  expect(files.get('top/proc/meminfo')?.body.length).toBe(FILE_BYTES);
});

const wanted = (path: string): Want | null => (path.includes('/proc/') ? all() : null);

test('many archives one after the other, wanted and unwanted entries mixed', async () => {
  const entries = Array.from({ length: 2000 }, (_, index) =>
    file(`top/${index % 3 ? 'proc' : 'other'}/${index}`, 'y'.repeat((index * 37) % 3000)),
  );
  const bytes = xz(await pack(...entries));
  for (let round = 0; round < 3; round += 1) {
    const { files } = await read(bytes, {}, wanted);
    expect(files.size).toBe(entries.filter(({ header }) => wanted(header.name) !== null).length);
  }
});

test('a directory: links only inside it, nothing but regular files', async () => {
  const root = mkdtempSync(join(tmpdir(), 'memdoctor-'));
  try {
    mkdirSync(join(root, 'proc'));
    writeFileSync(join(root, 'proc/meminfo'), MEMINFO);
    symlinkSync('meminfo', join(root, 'proc/near'));
    symlinkSync('/etc/passwd', join(root, 'proc/far'));
    symlinkSync('loop', join(root, 'proc/loop'));
    execFileSync('mkfifo', [join(root, 'proc/pipe')]);
    const tree = directoryTree(root);
    const paths = ['proc/meminfo', 'proc/near', 'proc/far', 'proc/loop', 'proc/pipe', 'proc', 'nope', '../x', '/etc/passwd'];
    expect((await tree.read(paths)).map((result) => result.status)).toEqual([
      'ok',
      'ok',
      'denied',
      'failed',
      'failed',
      'failed',
      'absent',
      'failed',
      'failed',
    ]);
    expect((await tree.read(['proc/meminfo'], { maxBytes: 4 }))[0]).toMatchObject({ status: 'truncated', text: 'MemT' });
    expect(await tree.list('proc')).toEqual(['far', 'loop', 'meminfo', 'near', 'pipe']);
    expect(await tree.list('..')).toEqual([]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
