import { readFileSync } from 'node:fs';

/** The text of collect.sh, written into the bundle at build time. */
declare const MEMDOCTOR_COLLECTOR: string | undefined;

/** The script without what is made from the table of sources. */
export const collectorTemplate = (): string =>
  typeof MEMDOCTOR_COLLECTOR === 'undefined' ? readFileSync(new URL('collect.sh', import.meta.url), 'utf8') : MEMDOCTOR_COLLECTOR;
