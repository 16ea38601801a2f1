/** Archives that somebody has made to harm, and any bytes at all: one clear line, or a result; bounded, and never a hang. */
import { deflateRawSync, gzipSync } from 'node:zlib';
import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { packTar } from 'modern-tar';
import { expect, test } from 'vitest';
import { InputError } from '../src/errors.js';
import { ARCHIVE_BOUNDS, readArchive, type Want } from '../src/gather/trees/archive.js';
import { formatOf } from '../src/gather/trees/decompress.js';
import { plainPath } from '../src/gather/trees/paths.js';
import { frameWalker } from '../src/gather/trees/zstd-frames.js';

const want = (): Want => ({ as: 'file', most: 1_048_576 });
const open = (bytes: Buffer, bounds: object = {}, wanted: () => Want | null = want) =>
  readArchive(
    { name: 'a', format: formatOf(bytes) ?? 'tar', openIt: () => Readable.from([bytes], { objectMode: false }), whole: bytes },
    wanted,
    { ...ARCHIVE_BOUNDS, ...bounds },
  );
const told = (bytes: Buffer, bounds: object = {}, wanted = want): Promise<string> =>
  open(bytes, bounds, wanted).then(
    ({ files, notes }) => `${[...files.keys()].join(' ')} | ${notes.join(' ')}`,
    (error: unknown) => {
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).not.toContain('\n');
      return (error as Error).message;
    },
  );

interface Member {
  readonly name: string;
  readonly body: Buffer;
  readonly flags?: number;
  readonly method?: number;
  readonly mode?: number;
  /** What the directory says of it, when that is not the truth. */
  readonly size?: number;
  readonly offset?: number;
}
/** A zip, byte by byte: no tool makes the odd ones. */
function zip(members: readonly Member[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, body, flags = 0, method = 8, mode = 0o10_0644, size = body.length, offset = at } of members) {
    const data = method === 8 ? deflateRawSync(body, { level: 9 }) : body;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(size, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), fields, Buffer.from(name), data]);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(mode * 65_536, 6);
    central.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 3]), fields, central, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, list, Buffer.from('PK\u0005\u0006'), end]);
}
const MEMINFO: Member = { name: 'h/proc/meminfo', body: Buffer.from('MemTotal: 1000 kB\n') };

test('a zip: names that lead out, links, encrypted entries and odd methods are passed over', async () => {
  expect(await told(zip([MEMINFO]))).toBe('h/proc/meminfo | ');
  for (const [odd, why] of [
    [{ ...MEMINFO, name: '../../x' }, 'a path out of the archive'],
    [{ ...MEMINFO, name: '/etc/shadow' }, 'a path out of the archive'],
    [{ ...MEMINFO, name: String.raw`..\x` }, 'a path out of the archive'],
    [{ ...MEMINFO, name: 'h/l', mode: 0o12_0777 }, 'a link'],
    [{ ...MEMINFO, name: 'h/e', flags: 1 }, 'encrypted'],
    [{ ...MEMINFO, name: 'h/m', method: 14 }, 'packed with method 14'],
  ] as const)
    expect(await told(zip([odd, MEMINFO]))).toMatch(new RegExp(`^h/proc/meminfo \\| a: entry ".*" \\(${why}\\) was passed over$`));
});

test('a zip bomb: by ratio, by a size that is not true, by entries that share their bytes', async () => {
  const zeros = { name: 'h/proc/vmstat', body: Buffer.alloc(4_000_000) };
  expect(await told(zip([MEMINFO, zeros]), { ratioFrom: 1_000_000 })).toBe(
    'a: entry "h/proc/vmstat": unpacks to more than 900 times its size',
  );
  expect(await told(zip([{ ...zeros, size: 100 }]))).toMatch(/^a: the archive is damaged at or after entry "h\/proc\/vmstat"/);
  expect(await told(zip([MEMINFO, { ...MEMINFO, name: 'h/proc/x', offset: 0 }]))).toMatch(
    /^a: entry "h\/proc\/x" shares its bytes with another one/,
  );
  expect(await told(zip([MEMINFO, zeros]), { entries: 1 })).toMatch(/^a: more than 1 entries/);
  expect(await told(zip([zeros, { ...zeros, name: 'h/b' }]), { unpackedBytes: 5_000_000 })).toMatch(/^h\/proc\/vmstat h\/b|more than/);
});

test('a tar: attributes without end, sizes beyond all, holes, devices', async () => {
  const tar = async (change: (bytes: Buffer) => void): Promise<Buffer> => {
    const bytes = Buffer.from(
      await packTar([{ header: { name: 'h/proc/meminfo', size: 20, type: 'file' }, body: 'MemTotal: 1000 kB\n\n\n' }]),
    );
    change(bytes);
    let sum = 8 * 32;
    for (let index = 0; index < 512; index += 1) if (index < 148 || index > 155) sum += bytes[index] ?? 0;
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return bytes;
  };
  expect(await told(await tar(() => undefined))).toBe('h/proc/meminfo | ');
  expect(await told(await tar((bytes) => bytes.write('77777777777\0', 124)))).toMatch(
    /^a: the archive is truncated at or after entry "h\/proc\/meminfo"/,
  );
  expect(await told(await tar((bytes) => bytes.fill(0xff, 124, 136)))).toMatch(/^a: the archive is damaged \(a size is not a number\)/);
  expect(
    await told(
      await tar((bytes) => {
        bytes.write('77777777777\0', 124);
        bytes.write('x', 156);
      }),
    ),
  ).toMatch(/^a: attributes of 8589934591 bytes/);
  for (const [type, why] of [
    ['S', 'a file with holes (sparse)'],
    ['3', 'a device'],
    ['6', 'a pipe'],
    ['1', 'a hard link'],
    ['Z', 'of the unknown type "Z"'],
  ] as const)
    expect(await told(await tar((bytes) => bytes.write(type, 156)))).toContain(`(${why}) was passed over`);
});

test('paths: too long and too deep ones are none', () => {
  expect(plainPath('a/'.repeat(60) + 'b')).not.toBeNull();
  expect(plainPath('a/'.repeat(100) + 'b')).toBeNull();
  expect(plainPath('a'.repeat(5000))).toBeNull();
});

test('the window of each zstd frame is told before it is unpacked, however the bytes are cut', () => {
  const magic = [0x28, 0xb5, 0x2f, 0xfd];
  // a window of 2^(10+21) bytes; an empty raw block, the last one
  const wide = [...magic, 0x00, 21 << 3, 0x01, 0x00, 0x00];
  const single = [...magic, 0x20, 7, 0x39, 0x00, 0x00, 1, 2, 3, 4, 5, 6, 7];
  const skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
  const bytes = Buffer.from([...single, ...skippable, ...wide, ...single]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 40, maxLength: 60 }), (cuts) => {
      const windows: number[] = [];
      const walk = frameWalker((size) => windows.push(size));
      let at = 0;
      for (const cut of cuts) {
        walk(bytes.subarray(at, at + cut));
        at += cut;
      }
      walk(bytes.subarray(at));
      expect(windows).toEqual([7, 2 ** 31, 7]);
    }),
    { numRuns: 50 },
  );
});

test('any change of an archive is a result or one clear line', { timeout: 60_000 }, async () => {
  const plain = Buffer.from(
    await packTar([
      { header: { name: 'h/proc/meminfo', size: 18 }, body: 'MemTotal: 1000 kB\n' },
      { header: { name: `h/${'long/'.repeat(40)}name`, size: 4 }, body: 'text' },
      { header: { name: 'h/proc/stat', size: 0, type: 'symlink', linkname: '/etc/passwd' } },
    ]),
  );
  const archives = [
    plain,
    gzipSync(plain),
    zip([MEMINFO, { ...MEMINFO, name: 'h/proc/vmstat' }]),
    execFileSync('xz', ['-c'], { input: plain }),
  ];
  for (const tool of [
    ['bzip2', '-c'],
    ['zstd', '-qc'],
  ] as const)
    try {
      archives.push(execFileSync(tool[0], [tool[1]], { input: plain, stdio: ['pipe', 'pipe', 'ignore'] }));
    } catch {
      // the tool is not there
    }
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...archives),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      fc.option(fc.nat(), { freq: 3 }),
      async (archive, changes, cut) => {
        const bytes = Buffer.from(archive);
        for (const [place, value] of changes) bytes[place % bytes.length] = value;
        await told(cut === null ? bytes : bytes.subarray(0, cut % bytes.length), { unpackedBytes: 64_000_000 });
      },
    ),
    { numRuns: 300 },
  );
});
