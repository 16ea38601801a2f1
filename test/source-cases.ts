import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AnySource, HostContext } from '../src/gather/source.js';
import { sources } from '../src/gather/sources/index.js';
import { filesBelow } from './memory-tree.js';

export const FIXTURES = 'test/sources';
export const host: HostContext = { pageSize: 4096, clockTicks: 100 };
export const allSources: readonly (readonly [id: string, source: AnySource])[] = Object.entries(sources);

const ajv = new Ajv2020({ strict: true }).addVocabulary(['x-unit']);

/** Validators of what the sources give, by id. */
export const validators = new Map(allSources.map(([id, source]) => [id, ajv.compile<unknown>(source.schema)]));

/** A fixture: the raw files, and the path of the JSON that they must give. */
export interface Case {
  readonly id: string;
  readonly source: AnySource;
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
  readonly expected: string;
}

/** Fixtures of a source: NAME.txt is what stands at the first path it reads, the folder NAME is a root. */
export function casesOf(id: string, source: AnySource): Case[] {
  const dir = `${FIXTURES}/${id}`;
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.txt'))
    .map((entry) => {
      const path = `${dir}/${entry.name}`;
      const name = entry.name.replace(/\.txt$/, '');
      const files = entry.isDirectory() ? filesBelow(path) : new Map([[source.reads[0] ?? '', readFileSync(path, 'utf8')]]);
      return { id, source, name, files, expected: `${dir}/${name}.json` };
    });
}

export const allCases: readonly Case[] = allSources.flatMap(([id, source]) => casesOf(id, source));
