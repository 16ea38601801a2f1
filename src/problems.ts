import type { ErrorObject } from 'ajv';
import { quote } from './errors.js';

/** One place in a document that its schema does not accept. */
export interface Problem {
  /** Where: `samples[0].sources.swaps[2].used`; empty for the document itself. */
  readonly path: string;
  /** What is accepted there. */
  readonly message: string;
  /** What was found there, as short text. */
  readonly found: string;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

/**
 * The errors of ajv as problems for people, one a place. Of the branches of an `anyOf`, the one that got deepest is meant;
 * branches that fail at the same place are told together ("text or null").
 */
export function problemsOf(errors: readonly ErrorObject[] | null | undefined, data: unknown): Problem[] {
  const given = errors ?? [];
  const telling = given.filter(({ keyword }) => !['anyOf', 'oneOf', 'if', 'not'].includes(keyword));
  const used = telling.length > 0 ? telling : given;
  const deeper = (path: string): boolean =>
    used.some(({ instancePath, schemaPath }) => instancePath.startsWith(`${path}/`) && sameChoice(given, path, schemaPath));
  const places = new Map<string, ErrorObject[]>();
  for (const error of used) {
    if (deeper(error.instancePath) && error.schemaPath.includes('/anyOf/')) continue;
    const key = placeOf(error);
    places.set(key, [...(places.get(key) ?? []), error]);
  }
  return [...places.values()].map((group) => problemOf(group, data));
}

const sameChoice = (errors: readonly ErrorObject[], path: string, schemaPath: string): boolean =>
  errors.some((error) => error.keyword === 'anyOf' && error.instancePath === path && schemaPath.startsWith(error.schemaPath));

/** An unknown or a missing member is a place of its own. */
function placeOf({ instancePath, keyword, params }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `${instancePath}/${escapePointer(String(params['additionalProperty']))}`;
  if (keyword === 'required') return `${instancePath}/${escapePointer(String(params['missingProperty']))}`;
  return instancePath;
}

function problemOf(group: readonly ErrorObject[], data: unknown): Problem {
  const [first] = group;
  if (!first) return { path: '', message: 'a valid document', found: show(data) };
  const pointer = placeOf(first);
  const accepted = [...new Set(group.map(acceptedBy))].join(' or ');
  return { path: readable(pointer, data), message: accepted, found: show(valueAt(data, pointer)) };
}

function acceptedBy({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return [params['type']]
        .flat()
        .map((type) => TYPE_WORDS[String(type)] ?? String(type))
        .join(' or ');
    case 'required':
      return 'a value: this member is needed';
    case 'additionalProperties':
      return 'no member of this name';
    case 'enum':
      return `one of ${(params['allowedValues'] as readonly unknown[]).map((value) => JSON.stringify(value)).join(', ')}`;
    case 'const':
      return JSON.stringify(params['allowedValue']);
    case 'minimum':
      return `a number not below ${params['limit']}`;
    case 'minItems':
      return `at least ${params['limit']} of them`;
    case 'minLength':
      return `at least ${params['limit']} characters`;
    case 'pattern':
      return `text that matches ${params['pattern']}`;
    default:
      return message ?? keyword;
  }
}

const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
const segmentsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

function valueAt(data: unknown, pointer: string): unknown {
  let at = data;
  for (const segment of segmentsOf(pointer)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, segment)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[segment];
  }
  return at;
}

/** A JSON pointer as people write it: `a[0].b`, and `a["x.y"]` for a name that is no word. */
function readable(pointer: string, data: unknown): string {
  let at: unknown = data;
  let path = '';
  for (const segment of segmentsOf(pointer)) {
    if (Array.isArray(at)) path += `[${segment}]`;
    else if (/^[\w$-]{1,60}$/.test(segment)) path += `${path === '' ? '' : '.'}${segment}`;
    else path += `[${quote(segment)}]`;
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, segment) ? (at as Readonly<Record<string, unknown>>)[segment] : undefined;
  }
  return path;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}
