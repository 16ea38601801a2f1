import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { afterEach, describe, expect, test } from 'vitest';
import { InputError } from '../src/errors.js';
import { openEvidence } from '../src/gather/evidence.js';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { machineOf } from '../src/gather/machine.js';
import { loadInput, parseSnapshot } from '../src/gather/snapshot-io.js';
import { validateSnapshot } from '../src/validators.js';

const CAPTURES = join(import.meta.dirname, '../../shared/lab/captures');
const captures = existsSync(CAPTURES) ? readdirSync(CAPTURES).filter((name) => name.endsWith('.tar.xz')) : [];

const made: string[] = [];
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});
/** A directory with these files in it. */
function folder(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-'));
  made.push(dir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}
const refusal = (input: Promise<unknown>): Promise<string> =>
  input.then(
    () => 'read',
    (error: Error) => {
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).not.toContain('\n');
      return error.message;
    },
  );

const MEMINFO = 'MemTotal: 1000 kB\n';
const SAMPLE = { dir: 'sample-1', time: 1_795_420_516.5, monotonic: 17.5 };
const manifest = (change: object = {}): string =>
  JSON.stringify({
    format: 'memdoctor-evidence/1',
    hostname: 'lab',
    kernel: '6.1.0-56-amd64',
    pageSize: 4096,
    clockTicks: 100,
    samples: [SAMPLE],
    ...change,
  });

describe('captures of the lab', () => {
  test.skipIf(captures.length === 0)('are all read: two samples, a valid snapshot, no source that fails', async () => {
    for (const name of captures) {
      const snapshot = await loadInput(join(CAPTURES, name));
      expect(validateSnapshot(snapshot), name).toEqual([]);
      expect(snapshot.samples, name).toHaveLength(2);
      expect(snapshot.subject, name).toMatchObject({ origin: 'directory', arch: 'x86_64', pageSize: 4096 });
      expect(
        Object.entries(snapshot.sources).filter(([, { status }]) => status !== 'ok' && status !== 'absent'),
        name,
      ).toEqual([]);
      expect(snapshot.sources['meminfo']?.status, name).toBe('ok');
    }
  });
  if (captures.length === 0) console.warn(`the lab captures are not there (${CAPTURES}): they are not tested`);
});

describe('raw evidence', () => {
  test('with a manifest: a directory, or an archive with one folder; the log belongs to the last sample', async () => {
    const files = {
      'manifest.json': manifest({ samples: [SAMPLE, { dir: 'sample-2', time: null, monotonic: 20 }] }),
      'sample-1/proc/meminfo': MEMINFO,
      'sample-2/proc/meminfo': MEMINFO,
      'sample-2/statfs.txt': 'tmpfs /run tmpfs 4096 10 5 5 3 2\n',
      'kernel-log.txt': '<6>[    0.000000] hello\n',
    };
    const tar = Buffer.from(
      await packTar(
        Object.entries(files).map(([name, body]) => ({ header: { name: `host/${name}`, size: Buffer.byteLength(body) }, body })),
      ),
    );
    for (const input of [folder(files), tar, gzipSync(tar)]) {
      const { subject, samples } = await openEvidence(input);
      expect(subject).toEqual({
        hostname: 'lab',
        kernel: '6.1.0-56-amd64',
        arch: 'x86_64',
        origin: 'directory',
        pageSize: 4096,
        clockTicks: 100,
      });
      expect(samples.map(({ time, monotonic }) => [time, monotonic])).toEqual([
        [SAMPLE.time, 17.5],
        [null, 20],
      ]);
      const [first, last] = await Promise.all(samples.map(({ tree }) => tree.read(['kernel-log.txt', 'proc/meminfo', 'statfs.txt'])));
      expect(first?.map(({ status }) => status)).toEqual(['absent', 'ok', 'absent']);
      expect(last?.map(({ path, status }) => [path, status])).toEqual([
        ['kernel-log.txt', 'ok'],
        ['proc/meminfo', 'ok'],
        ['statfs.txt', 'ok'],
      ]);
    }
  });

  test('without one: any tree with proc/ in it', async () => {
    const dir = folder({
      'proc/meminfo': MEMINFO,
      'proc/version': 'Linux version 4.18.0-513.el8.x86_64 (mockbuild)\n',
      'etc/hostname': 'db1\n',
    });
    const snapshot = await loadInput(dir);
    expect(snapshot.subject).toMatchObject({
      hostname: 'db1',
      kernel: '4.18.0-513.el8.x86_64',
      arch: 'x86_64',
      capturedAt: null,
      origin: 'directory',
    });
    expect(snapshot.samples).toMatchObject([{ time: null, monotonic: 0, sources: { meminfo: { MemTotal: 1_024_000 } } }]);
    expect(validateSnapshot(snapshot)).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ['newer', { format: 'memdoctor-evidence/2' }, /was written by a newer memdoctor/],
    ['foreign', { format: 'sos' }, /manifest\.json: found "sos", accepted is "format": "memdoctor-evidence\/1"/],
    ['no samples', { samples: [] }, /samples: found "0 samples", accepted is 1 to 10000/],
    ['samples no list', { samples: {} }, /samples: found "\{\}", accepted is a list/],
    ['a sample that is not there', { samples: [{ ...SAMPLE, dir: 'sample-9' }] }, /samples\[0\]\.dir: "sample-9" is not there/],
    [
      'a sample outside',
      { samples: [{ ...SAMPLE, dir: '../x' }] },
      /samples\[0\]\.dir: found "\.\.\/x", accepted is the name of a directory/,
    ],
    ['no monotonic time', { samples: [{ ...SAMPLE, monotonic: 'x' }] }, /samples\[0\]\.monotonic: found "x", accepted is a number/],
    ['time going back', { samples: [SAMPLE, { ...SAMPLE, monotonic: 1 }] }, /samples\[1\]\.monotonic: found "1", accepted is not less/],
    ['an odd page size', { pageSize: 5000 }, /pageSize: found "5000", accepted is a power of two/],
    ['an odd time', { samples: [{ ...SAMPLE, time: 1e300 }] }, /samples\[0\]\.time: found .*, accepted is seconds since 1970/],
    [
      'an odd outcome',
      { sources: { meminfo: { status: 'fine', seconds: 0, bytes: 0 } } },
      /sources\.meminfo\.status: found "fine", accepted is ok, /,
    ],
  ])('says what is wrong with a manifest: %s', async (_, change, message) => {
    const dir = folder({ 'manifest.json': manifest(change), 'sample-1/proc/meminfo': MEMINFO });
    expect(await refusal(openEvidence(dir))).toMatch(message);
  });

  test('says what is wrong with anything else', async () => {
    expect(await refusal(loadInput('/no/such/file'))).toBe('/no/such/file: there is no such file or directory');
    expect(await refusal(loadInput(folder({})))).toMatch(/holds no evidence; accepted are/);
    expect(await refusal(loadInput(folder({ 'a/b': 'x' })))).toMatch(/holds no evidence \(found "a"\); accepted are/);
    expect(await refusal(loadInput(folder({ 'a/proc/meminfo': 'x', 'b/proc/meminfo': 'x' })))).toMatch(/holds 2 hosts' evidence/);
    expect(await refusal(loadInput(folder({ 'manifest.json': '{"format":' })))).toMatch(/manifest\.json: is not JSON/);
    expect(await refusal(loadInput('/'))).toMatch(/is a live system/);
    const files = folder({ empty: '', text: 'hello\n', zip: 'PK\u0003\u0004xxxx' });
    writeFileSync(join(files, 'binary'), Buffer.from([1, 2, 0xff, 0xfe, 0]));
    writeFileSync(join(files, 'text.gz'), gzipSync('hello'.repeat(1000)));
    expect(await refusal(loadInput(join(files, 'empty')))).toMatch(/empty: is empty/);
    expect(await refusal(loadInput(join(files, 'text')))).toMatch(/text: nothing in it was recognised; accepted are .{0,200}a kernel log/);
    expect(await refusal(loadInput(join(files, 'zip')))).toMatch(/zip: the archive is (?:truncated|damaged)/);
    expect(await refusal(loadInput(join(files, 'binary')))).toMatch(/binary: is binary/);
    expect(await refusal(loadInput(join(files, 'text.gz')))).toMatch(/text\.gz: nothing in it was recognised/);
    expect(await refusal(loadInput('/dev/null'))).toMatch(/is empty/);
  });
});

const snapshot = async (): Promise<string> =>
  JSON.stringify(await snapshotFromEvidence(await openEvidence(folder({ 'manifest.json': manifest(), 'sample-1/proc/meminfo': MEMINFO }))));
const parse = (text: string): Promise<string> => refusal(Promise.resolve().then(() => parseSnapshot(text, 's.json')));

describe('a snapshot file', () => {
  test('is read back as it was', async () => {
    const text = await snapshot();
    expect(JSON.stringify(parseSnapshot(text, 's.json'))).toBe(text);
  });

  test('is refused in one line that names the place', async () => {
    const text = await snapshot();
    // oxlint-disable-next-line typescript/no-explicit-any -- a document is spoilt in all places
    const changed = (change: (document: any) => void): string => {
      const document = JSON.parse(text);
      change(document);
      return JSON.stringify(document);
    };
    expect(await parse('')).toMatch(/^s\.json: is empty/);
    expect(await parse('\0\0')).toMatch(/is binary/);
    for (const cut of [5, 40, 200, text.length - 1])
      expect(await parse(text.slice(0, cut))).toMatch(/is truncated: the JSON ends too early, at line 1/);
    expect(await parse(`{\n  "a": 1,\n  "b": x\n}`)).toMatch(/not JSON at line 3, column 8: found "x"/);
    expect(await parse('{"a": 1,}')).toMatch(/not JSON at line 1, column 9: found "}"/);
    expect(await parse('[1]')).toMatch(/holds a list/);
    expect(await parse('null')).toMatch(/holds only "null"/);
    expect(await parse('{}')).toMatch(/it is an empty object/);
    expect(await parse('{"kind":"Pod","metadata":{}}')).toMatch(/it is other JSON \("kind", "metadata"\), without "format"/);
    expect(await parse('{"verdict":{},"diagnoses":[]}')).toMatch(/it is a memdoctor report/);
    expect(await parse(manifest())).toMatch(/it is the manifest of raw evidence/);
    expect(await parse(changed((document) => (document.schemaVersion = '2.0')))).toMatch(
      /was written by a newer memdoctor \(schemaVersion 2\.0\); this one reads 1\.x/,
    );
    expect(await parse(changed((document) => (document.schemaVersion = 1)))).toMatch(
      /schemaVersion: found "1", accepted is text like "1\.0"/,
    );
    expect(await parse(changed((document) => (document.samples = [])))).toMatch(/samples: found an empty list, accepted is at least 1/);
    expect(await parse(changed((document) => (document.samples[0].sources.meminfo.MemTotal = 'much')))).toBe(
      's.json: samples[0].sources.meminfo.MemTotal: found "much", accepted is a number',
    );
    expect(await parse(changed((document) => (document.subject.hostname = 5)))).toBe(
      's.json: subject.hostname: found 5, accepted is text or null',
    );
    expect(await parse(changed((document) => delete document.subject.kernel))).toMatch(/s\.json: subject\.kernel: found nothing/);
    expect(await parse(changed((document) => (document.samples[0].sources.lies = {})))).toMatch(
      /samples\[0\]\.sources\.lies: found an object, accepted is no member of this name/,
    );
  });

  test('of a newer minor version is read as far as it is known', async () => {
    const document = JSON.parse(await snapshot());
    document.schemaVersion = '1.7';
    document.samples[0].sources.novelty = { x: 1 };
    expect(parseSnapshot(JSON.stringify(document), 's.json').samples[0]?.sources).not.toHaveProperty('novelty');
  });
});

test.each([
  ['6.1.0-56-amd64', 'x86_64'],
  ['4.18.0-513.el8.x86_64', 'x86_64'],
  ['5.14.0-362.el9.aarch64+64k', 'aarch64'],
  ['6.18.44', null],
  [null, null],
])('the machine of %s is %s', (release, machine) => expect(machineOf(release)).toBe(machine));
