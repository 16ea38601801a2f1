import { readFileSync } from 'node:fs';

declare const MEMDOCTOR_VERSION: string | undefined;

/** The version in package.json; written into the bundle at build time. */
export const VERSION: string =
  typeof MEMDOCTOR_VERSION === 'undefined'
    ? (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
    : MEMDOCTOR_VERSION;
