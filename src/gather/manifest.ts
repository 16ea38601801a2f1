import { InputError, quote } from '../errors.js';
import { SOURCE_STATUSES } from './collect.js';
import type { SourceReport } from './snapshot.js';
import { READ_STATUSES, type ReadStatus } from './tree.js';
import { plainPath } from './trees/paths.js';

export const EVIDENCE_FORMAT = 'memdoctor-evidence/1';

export interface ManifestSample {
  readonly dir: string;
  /** Seconds since the epoch. */
  readonly time: number | null;
  /** Seconds on a clock that is never set. */
  readonly monotonic: number;
  /** The sources that were read in this sample; all of them are tried when it does not say. */
  readonly sources?: readonly string[];
  /** Reads of this sample that failed otherwise than by absence, by path; the collector script leaves them here. */
  readonly unread?: ReadonlyMap<string, Unread>;
}

/** Why a file is not in the evidence. */
export interface Unread {
  readonly status: ReadStatus;
  readonly reason: string;
}

/** manifest.json of raw evidence. */
export interface Manifest {
  readonly hostname: string | null;
  readonly kernel: string | null;
  readonly arch: string | null;
  readonly pageSize: number;
  readonly clockTicks: number;
  readonly origin: 'live' | 'directory';
  readonly samples: readonly ManifestSample[];
  /** How each source fared when the evidence was gathered. */
  readonly sources?: Readonly<Record<string, SourceReport>>;
}

type Members = Readonly<Record<string, unknown>>;

/** @throws InputError that names the file, the place in it, what was found and what is accepted. */
export function parseManifest(text: string, name: string): Manifest {
  const fail = (place: string, found: unknown, accepted: string): never => {
    const shown = found === undefined ? 'nothing' : quote(typeof found === 'string' ? found : JSON.stringify(found));
    throw new InputError(`${name}: ${place}: found ${shown}, accepted is ${accepted}`);
  };
  const members = (value: unknown, place: string): Members =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : fail(place, value, 'an object');
  const word = (value: unknown, place: string): string | null =>
    value === undefined || value === null ? null : typeof value === 'string' ? value : fail(place, value, 'text');
  const finite = (value: unknown, place: string): number =>
    typeof value === 'number' && Number.isFinite(value) ? value : fail(place, value, 'a number');
  const list = (value: unknown, place: string): readonly unknown[] => (Array.isArray(value) ? value : fail(place, value, 'a list'));
  const whole = (value: unknown, place: string, ifAbsent: number, test: (value: number) => boolean, accepted: string): number =>
    value === undefined
      ? ifAbsent
      : typeof value === 'number' && Number.isInteger(value) && test(value)
        ? value
        : fail(place, value, accepted);

  const sample = (value: unknown, place: string): ManifestSample => {
    const given = members(value, place);
    const dir = typeof given['dir'] === 'string' ? plainPath(given['dir']) : null;
    return {
      dir: dir ?? fail(`${place}.dir`, given['dir'], 'the name of a directory beside the manifest'),
      time: given['time'] === null || given['time'] === undefined ? null : seconds(given['time'], `${place}.time`),
      monotonic: finite(given['monotonic'], `${place}.monotonic`),
      ...(given['sources'] === undefined ? {} : { sources: list(given['sources'], `${place}.sources`).map(String) }),
      ...(given['unread'] === undefined ? {} : { unread: unread(members(given['unread'], `${place}.unread`), `${place}.unread`) }),
    };
  };
  const unread = (given: Members, place: string): ReadonlyMap<string, Unread> =>
    new Map(
      Object.entries(given).map(([path, value]) => {
        const { status: found, reason } = members(value, `${place}.${path}`);
        const status = READ_STATUSES.find((known) => known === found) ?? fail(`${place}.${path}.status`, found, READ_STATUSES.join(', '));
        return [path, { status, reason: word(reason, `${place}.${path}.reason`) ?? status }];
      }),
    );
  // the time of a Date ends at 8.64e12 s
  const seconds = (value: unknown, place: string): number =>
    Math.abs(finite(value, place)) <= 8.64e12 ? (value as number) : fail(place, value, 'seconds since 1970');
  const report = (value: unknown, place: string): SourceReport => {
    const given = members(value, place);
    const status = SOURCE_STATUSES.find((known) => known === given['status']);
    const reason = word(given['reason'], `${place}.reason`);
    return {
      status: status ?? fail(`${place}.status`, given['status'], SOURCE_STATUSES.join(', ')),
      seconds: finite(given['seconds'], `${place}.seconds`),
      bytes: finite(given['bytes'], `${place}.bytes`),
      ...(reason === null ? {} : { reason }),
    };
  };

  const manifest = members(parseJson(text, name), 'the manifest');
  checkFormat(manifest['format'], name);
  const samples = list(manifest['samples'], 'samples').map((value, index) => sample(value, `samples[${index}]`));
  if (samples.length === 0 || samples.length > 10_000) fail('samples', `${samples.length} samples`, '1 to 10000 of them');
  for (const [index, { monotonic }] of samples.entries())
    if (monotonic < (samples[index - 1]?.monotonic ?? monotonic))
      fail(`samples[${index}].monotonic`, monotonic, 'not less than the one before');
  return {
    hostname: word(manifest['hostname'], 'hostname'),
    kernel: word(manifest['kernel'], 'kernel'),
    arch: word(manifest['arch'], 'arch'),
    pageSize: whole(manifest['pageSize'], 'pageSize', 4096, isPageSize, 'a power of two from 4096 to 1048576'),
    clockTicks: whole(
      manifest['clockTicks'],
      'clockTicks',
      100,
      (ticks) => ticks >= 1 && ticks <= 10_000,
      'a whole number from 1 to 10000',
    ),
    origin: manifest['origin'] === 'live' ? 'live' : 'directory',
    samples,
    ...(manifest['sources'] === undefined
      ? {}
      : {
          sources: Object.fromEntries(
            Object.entries(members(manifest['sources'], 'sources')).map(([id, value]) => [id, report(value, `sources.${id}`)]),
          ),
        }),
  };
}

const isPageSize = (size: number): boolean => size >= 4096 && size <= 1_048_576 && Number.isInteger(Math.log2(size));

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name}: is not JSON: ${error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error)}`);
  }
}

function checkFormat(format: unknown, name: string): void {
  if (format === EVIDENCE_FORMAT) return;
  const [kind, version] = String(format).split('/');
  if (kind === 'memdoctor-evidence' && Number(version) > 1)
    throw new InputError(`${name}: was written by a newer memdoctor (${quote(String(format))}); this one reads ${EVIDENCE_FORMAT}`);
  const found = typeof format === 'string' ? quote(format) : 'no format member';
  throw new InputError(`${name}: found ${found}, accepted is "format": "${EVIDENCE_FORMAT}"`);
}
