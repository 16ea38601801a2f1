/** Redaction: nothing that names a host is left, relations are, and the diagnosis is the same. */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownCommand } from '../src/gather/processes/command.js';
import { redact } from '../src/gather/redact/redact.js';
import { type Snapshot, snapshotSchema } from '../src/gather/snapshot.js';
import { diagnose, loadInput, loadRules, render } from '../src/main.js';
import type { Report } from '../src/report/report.js';
import { validateSnapshot } from '../src/validators.js';
import { sampleTraces } from './traces-sample.js';

const samples = readdirSync('samples')
  .filter((name) => name.endsWith('.json'))
  .map((name) => `samples/${name}`);
const logs = readdirSync('test/sources/kernel-log')
  .filter((name) => name.endsWith('.txt'))
  .map((name) => `test/sources/kernel-log/${name}`);
const rules = loadRules({ builtin: true, paths: [], disabled: [], set: [] });

const judged = ({ verdict, diagnoses, findings }: Report) => ({
  status: verdict.status,
  diagnoses: diagnoses.map(({ id, severity, confidence, score, because }) => ({ id, severity, confidence, score, because })),
  findings: findings.map(({ id, severity, explainedBy }) => ({ id, severity, explainedBy })),
});

/** The input as a snapshot; null for a log in which nothing is recognised. */
const loaded = (input: string): Promise<Snapshot | null> => loadInput(input).catch(() => null);

describe('a redacted snapshot', () => {
  it.each([...samples, ...logs])('of %s diagnoses the same, and is one', async (input) => {
    const snapshot = await loaded(input);
    if (snapshot === null) return;
    const redacted = redact(snapshot);
    expect(validateSnapshot(redacted)).toEqual([]);
    expect(judged(await diagnose(redacted, await rules))).toEqual(judged(await diagnose(snapshot, await rules)));
  });

  it.each(samples)('of %s has none of its names left', async (input) => {
    const snapshot = await loadInput(input);
    const text = JSON.stringify(redact(snapshot));
    expect(namesOf(snapshot).filter((name) => new RegExp(String.raw`(?<![\w-])${quoted(name)}(?![\w-])`).test(text))).toEqual([]);
  });

  it('is the same every time, and leaves the snapshot as it was', async () => {
    const snapshot = await loadInput(samples[0] ?? '');
    const before = JSON.stringify(snapshot);
    expect(redact(snapshot)).toEqual(redact(snapshot));
    expect(JSON.stringify(snapshot)).toBe(before);
  });

  it('says in every format how much was replaced', async () => {
    const report = await diagnose(redact(await loadInput(samples[0] ?? '')), await rules);
    expect(report.redacted).toMatchObject({ hosts: 1 });
    for (const format of ['text', 'md', 'html'] as const)
      expect((await render(report, { format })).replaceAll(/\s+/g, ' ')).toMatch(/Redacted: 1 host, /);
  });
});

const quoted = (text: string): string => text.replaceAll(/[^\w]/g, String.raw`\$&`);

/** Names of the host, of its command lines and of what is not well known. */
function namesOf({ subject, samples: taken }: Snapshot): string[] {
  const sources = taken.at(-1)?.sources;
  const commands = (sources?.processes?.top ?? []).flatMap(({ command }) => (command?.includes(' ') ? [command] : []));
  const units = (sources?.cgroup?.groups ?? []).flatMap(({ path }) => /leak|api|app|worker|labagent/.exec(path)?.input ?? []);
  return [subject.hostname ?? 'no name', ...commands, ...units];
}

const NAMES = {
  host: 'zebra-7.corp.example',
  program: 'frobnicator',
  unit: 'quux-billing.service',
  cgroup: '/system.slice/quux-billing.service',
  pod: 'kubepods-burstable-pod0a1b2c3d_1111_2222_3333_444455556666.slice',
  container: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  user: 'marigold',
};

type Writable<T> = { -readonly [K in keyof T]: T[K] extends object | undefined ? Writable<T[K]> : T[K] };

/** A snapshot in which one name stands in many places. */
async function related(): Promise<Snapshot> {
  const snapshot = structuredClone(await loadInput('samples/oom-memcg-v2.json')) as Writable<Snapshot>;
  snapshot.subject.hostname = NAMES.host;
  const last = snapshot.samples.at(-1)!.sources;
  const [first, second, third] = last.processes!.top;
  Object.assign(first!, { name: NAMES.program, cgroup: NAMES.cgroup, command: `/opt/acmeco/bin/${NAMES.program} --tenant ${NAMES.user}` });
  Object.assign(second!, { name: `${NAMES.program}-1`, cgroup: `/kubepods.slice/${NAMES.pod}/cri-containerd-${NAMES.container}.scope` });
  Object.assign(third!, { name: `${NAMES.program}-2`, cgroup: '/user.slice/user-1234.slice/user@1234.service' });
  last.cgroup!.groups[1]!.path = NAMES.cgroup;
  last.mounts!.push(
    { device: '8:1', mountpoint: `/home/${NAMES.user}/data`, type: 'ext4', source: '/dev/mapper/vgacme-home' },
    { device: '0:99', mountpoint: '/srv/acmeco', type: 'nfs4', source: 'filer9.corp.example:/export/acmeco' },
  );
  last['kernel-log']!.events[0]!.text =
    `Memory cgroup out of memory: Killed process 185 (${NAMES.program}) total-vm:226392kB, UID:1234 task_memcg=${NAMES.cgroup} on zebra-7 from 10.1.2.3, fe80::1:2, 52:54:00:12:34:56, ${NAMES.user}@corp.example, https://corp.example/x /home/${NAMES.user}/data/x`;
  last['kernel-log']!.events[0]!.cgroup = NAMES.cgroup;
  last['kernel-log']!.kills = { [NAMES.program]: 3 };
  last['sysvipc-shm'] = [{ key: 1, shmid: 2, size: 4096, creatorPid: 3, lastPid: 4, attached: 0, uid: 1234, createdAt: 0, detachedAt: 0 }];
  return snapshot;
}

describe('relations', () => {
  it('stay: one name has one pseudonym wherever it is', async () => {
    const snapshot = await related();
    const redacted = redact(snapshot);
    expect(validateSnapshot(redacted)).toEqual([]);
    const { processes, cgroup, mounts, 'kernel-log': log, 'sysvipc-shm': segments } = redacted.samples.at(-1)!.sources;
    const [first, second, third] = processes!.top;
    expect(first!.cgroup).toBe(cgroup!.groups[1]!.path);
    expect(first!.cgroup).toMatch(/^\/system\.slice\/unit-\d+\.service$/);
    expect(log!.events[0]!.cgroup).toBe(first!.cgroup);
    expect(log!.events[0]!.text).toContain(`task_memcg=${first!.cgroup} `);
    expect(log!.events[0]!.text).toContain(`(${first!.name})`);
    const uid = segments![0]!.uid;
    expect(uid).toBeGreaterThan(90_000);
    expect(log!.events[0]!.text).toContain(`UID:${uid} `);
    expect(Object.keys(log!.kills!)).toEqual([first!.name]);
    expect(second!.name).toMatch(new RegExp(`^${first!.name}-\\d+$`));
    expect(third!.name).toMatch(new RegExp(`^${first!.name}-\\d+$`));
    expect(second!.cgroup).toMatch(/^\/kubepods\.slice\/kubepods-burstable-pod-1\.slice\/cri-containerd-ctr-1\.scope$/);
    expect(third!.cgroup).toBe(`/user.slice/user-${uid}.slice/user@${uid}.service`);
    expect(mounts!.at(-2)!.mountpoint).toMatch(/^\/home\/user-\d+\/data$/);
    expect(mounts!.at(-2)!.source).toMatch(/^\/dev\/mapper\/path-\d+$/);
    expect(mounts!.at(-1)!.source).toMatch(/^host-\d+:\/path-\d+\/path-\d+$/);
    const text = JSON.stringify(redacted);
    const left = ['zebra', 'corp', 'acme', 'frobnic', 'quux', 'marigold', '0a1b2c3d', '9f86d081', 'user-1234', '10.1.2.3', 'fe80', '52:54'];
    expect(left.filter((name) => text.includes(name))).toEqual([]);
  });

  it('programs, units and devices of many hosts keep their names', async () => {
    const snapshot = await related();
    const last = snapshot.samples.at(-1)!.sources as Writable<Snapshot['samples'][number]['sources']>;
    Object.assign(last.processes!.top[0]!, {
      name: 'postgres',
      cgroup: '/system.slice/postgresql@15-main.service',
      command: '/usr/lib/postgresql/bin/postgres -D /x',
    });
    Object.assign(last.processes!.top[1]!, { name: 'kworker/0:1-events', cgroup: '/init.scope' });
    last.swaps = [{ name: '/dev/sda2', type: 'partition', size: 1, used: 0, priority: -2 }];
    const { processes, swaps } = redact(snapshot).samples.at(-1)!.sources;
    expect(processes!.top[0]).toMatchObject({
      name: 'postgres',
      cgroup: expect.stringMatching(/^\/system\.slice\/postgresql@(?:15-main|unit-\d+)\.service$/),
    });
    expect(processes!.top[0]!.command).toMatch(/^postgres cmd-\d+$/);
    expect(processes!.top[1]).toMatchObject({ name: 'kworker/0:1-events', cgroup: '/init.scope' });
    expect(swaps![0]!.name).toBe('/dev/sda2');
  });
});

/** Where the kernel's, the hardware's or the distribution's words stand: no host chooses them, and they stay. */
/** Stacks of the kernel alone, under the name of the process: a test of their own. */
const KERNEL_STACKS = /^traces\.(?:reclaim|page-allocations|compaction|slab|dirty-throttling)\.stacks\[\]\.stack$/;

const STAYS =
  /^(?:schemaVersion|memdoctorVersion|subject\.(?:kernel|arch|capturedAt)|samples\[\]\.sources\.(?:allocinfo\.top\[\]\.tag|balloon\.virtio\[\]\.device|diskstats\[\]\.number|edac\[\]\..*|environment\.hypervisor|errors\[\]\.operation|kernel-log\.(?:from|kernel|\w*[wW]allTime)|kernel-log\.events\[\]\.(?:wallTime|gfpMask|constraint|subsystem|harmless)|kernel-log\.reports\[\]\.(?:trace\[\]|slabs\[\]\.name|wallTime|kernel|hardware|gfpMask|gfpFlags\[\]|constraint|nodemask|memsAllowed|tasks\.columns\[\]|zones\[\]\.freeLists\[\]\.types)|memory-blocks\.autoOnline|modules\[\]\.(?:name|usedBy\[\]|taint)|mounts\[\]\.device|net-sockets\.largest\[\]\.protocol|node\[\]\.cpulist|pagetypeinfo\.free\[\]\.type|process-maps\.processes\[\]\.allocator|process-numa\[\]\.(?:memoryNodes|cpus)|processes\.blocked\[\]\.wchan|slabinfo\[\]\.name|swaps\[\]\.type|thp-sizes\[\]\.\w+|transparent-hugepage\.\w+|version\.release|vmallocinfo\.callers\[\]\.caller|zram\[\]\.algorithm|damon\.kdamonds\[\]\.state|processes\.\w+\[\]\.state|.*\.zone)|texts\.recognised\[\]\.(?:kind|title)|traces\.[\w-]+\.(?:probes\[\]|rows\[\]\.(?:caller|site|cache|event|shrinker|reason)))$/;

interface Schema {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** A document of that schema with `say(place)` in every text. */
function filled(schema: Schema, place: string, say: (place: string) => string): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return filled(schema.anyOf.find(({ type }) => type !== 'null') ?? {}, place, say);
  if (schema.type === 'string') return say(place);
  if (schema.type === 'number') return 1;
  if (schema.type === 'boolean') return true;
  if (schema.type === 'array') return [filled(schema.items ?? {}, `${place}[]`, say)];
  const members = Object.entries(schema.properties ?? {}).map(([name, inner]) => [
    name,
    filled(inner, place === '' ? name : `${place}.${name}`, say),
  ]);
  if (typeof schema.additionalProperties !== 'object') return Object.fromEntries(members);
  const key = place.endsWith('.kills') ? say(`${place}{KEYS}`) : 'name';
  return { [key]: filled(schema.additionalProperties, `${place}{}`, say) };
}

describe('nothing that a host chooses is left', () => {
  const shapes: Readonly<Record<string, (canary: string) => string>> = {
    alone: (canary) => canary,
    path: (canary) => `/${canary}/x${canary}`,
    prose: (canary) =>
      `say ${canary}, (${canary}) to "${canary}": key=${canary}; ${canary}/${canary}|${canary}@${canary} [${canary}] ${canary}-1`,
    unit: (canary) => `/system.slice/${canary}.service/${canary}@1.scope`,
    command: (canary) => `/opt/${canary}/bin/${canary} --${canary}=${canary} http://${canary}/`,
    cut: (canary) => `${canary.slice(0, 9)}\u0000${canary}\n${canary}\u001B[31m`,
    numbered: (canary) => `${canary}-17`,
  };
  it.each(Object.keys(shapes))('%s', (shape) => {
    let number = 0;
    const places = new Map<string, string>();
    const document = filled(snapshotSchema, '', (place) => {
      if (STAYS.test(place) || KERNEL_STACKS.test(place)) return 'x';
      number += 1;
      const canary = `qzxcanary${letters(number)}`;
      places.set(canary, place);
      return shapes[shape]!(canary);
    });
    expect(places.size).toBeGreaterThan(50);
    const text = JSON.stringify(redact(document as Snapshot));
    const left = [...text.matchAll(/qzxcanary[a-z]*/g)].map(([canary]) => places.get(canary) ?? canary);
    expect(left).toEqual([]);
  });

  it('whatever the texts are', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.string(),
            fc.constantFrom('/', '@', '::', '.service', ' (deleted)', '\uE0000\uE001', '__proto__'),
          ),
          { maxLength: 12 },
        ),
        (parts) => {
          const said = parts.join('');
          const document = filled(snapshotSchema, '', () => said) as Snapshot;
          expect(validateSnapshot(redact(document))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('long texts take no long time', () => {
    for (const piece of ['a', '/', '=', '::', '@', 'a@', '(', 'Task in /', 'process 1 (', '\uE0000', ' ']) {
      const said = piece.repeat(50_000 / piece.length);
      const started = process.cpuUsage();
      redact(filled(snapshotSchema, '', (place) => (place.endsWith('.text') ? said : 'x')) as Snapshot);
      expect(process.cpuUsage(started).user / 1e6, piece).toBeLessThan(2);
    }
  });
});

/** A number as letters that are in no vocabulary. */
const letters = (number: number): string => [...String(number)].map((digit) => 'qxzjkvwfgh'[Number(digit)]).join('');

describe('traces', () => {
  it('keep what is of the kernel, and hide programs, files and the functions of programs', async () => {
    const traced = { ...(await loadInput(samples[0] ?? '')), traces: sampleTraces() as NonNullable<Snapshot['traces']> };
    const { traces = {} } = redact(traced);
    const text = JSON.stringify(traces);
    for (const name of ['ledger', 'indexer', 'http, proxy', 'book.db', 'load_book']) expect(text).not.toContain(name);
    for (const name of ['drm_gem_get_pages', 'try_to_free_pages', 'mm_vmscan_lru_shrink_inactive', 'alloc_inode', '0x7f3a11223344'])
      expect(text).toContain(name);
    const stacks = [{ stack: 'ledger;AcmeLedger::post;entry_SYSCALL_64_after_hwframe;qdisc_zap', count: 1 }];
    const mixed = redact({ ...traced, traces: { slab: { ...sampleTraces()['slab']!, rows: [], stacks } } });
    expect(mixed.traces?.slab?.stacks?.[0]?.stack).toMatch(/^proc-\w+;function-1;entry_SYSCALL_64_after_hwframe;qdisc_zap$/);
    const [first] = traces.reclaim?.rows ?? [];
    expect(traces.reclaim?.stacks?.map(({ stack }) => stack.split(';')[0])).toContain(first?.comm);
  });
});

describe('secrets in command lines are masked always', () => {
  const secret = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{11,20}$/).map((text) => `Zq${text}`);
  const forms: Readonly<Record<string, (secret: string) => string[]>> = {
    '--password=': (s) => ['app', `--password=${s}`],
    '--password': (s) => ['app', '--password', s, 'x'],
    '--db-pass=': (s) => ['app', `--db-pass=${s}`],
    'mysql -p': (s) => ['/usr/bin/mysql', '-uroot', `-p${s}`],
    'sh -c mysql -p': (s) => ['sh', '-c', `mysqldump -u root -p${s} db`],
    env: (s) => ['env', `FOO_SECRET=${s}`, `DB_PASSWORD=${s}`, `AWS_SECRET_ACCESS_KEY=${s}`, 'app'],
    bearer: (s) => ['curl', '-H', `Authorization: Bearer ${s}`],
    url: (s) => ['psql', `postgres://me:${s}@db/x`],
    'url with @': (s) => ['psql', `postgres://me:p@${s}@db/x`],
    'no scheme': (s) => ['connect', `me:${s}@db.example`],
    token: (s) => ['app', `token:${s}`, `--api-key=${s}`, `apiKey=${s}`],
    jwt: (s) => ['app', `eyJhbGciOiJIUzI1NiJ9.${s}.${s}`],
    aws: () => ['app', 'AKIAIOSFODNN7ZqAAAAA'.toUpperCase()],
    github: (s) => ['git', 'clone', `ghp_${s}${s}`],
    base64: (s) => ['app', `${s}${s}${s}aA1`],
    hex: () => ['app', '0123456789abcdef0123456789abcdef'],
    json: (s) => ['app', `{"password":"${s}","x":1}`],
    cookie: (s) => ['curl', '-b', `session_id=${s}`],
    sshpass: (s) => ['sshpass', '-p', s, 'ssh', 'x'],
    redis: (s) => ['redis-cli', '-a', s],
    pem: (s) => ['app', `-----BEGIN PRIVATE KEY-----\n${s}`],
  };
  it.each(Object.keys(forms))('%s', (form) => {
    fc.assert(
      fc.property(secret, fc.boolean(), (value, titled) => {
        const words = forms[form]!(value);
        const shown = shownCommand(words.join(titled && !/pem/.test(form) ? ' ' : '\0')) ?? '';
        for (const hidden of [value, 'AKIAIOSFODNN7', '0123456789abcdef0123']) expect(shown).not.toContain(hidden);
        expect(shown).toContain('***');
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    '/usr/bin/java -Xmx4g -jar /opt/app/lib/service-worker-main-application-1.2.3.jar',
    'postgres: writer process',
    '/usr/bin/containerd-shim-runc-v2 -namespace moby -id 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'python3 -m http.server 8080 --directory /srv/www',
    'qemu-system-x86_64 -uuid 0a1b2c3d-1111-2222-3333-444455556666 -m 4096',
  ])('no secret, nothing masked: %s', (line) => expect(shownCommand(line.replaceAll(' ', '\0'))).toBe(line));
});
