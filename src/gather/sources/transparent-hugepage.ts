import { ParseError, quote } from '../../errors.js';
import { bytes, row, text } from '../../json-schema.js';
import { unsigned } from '../lines.js';
import { defineSource } from '../source.js';

/** The second place is Red Hat's of 2.6.32. */
const ROOTS = ['sys/kernel/mm/transparent_hugepage', 'sys/kernel/mm/redhat_transparent_hugepage'];

/** How transparent huge pages are set: the words in brackets. */
export default defineSource({
  title: '/sys/kernel/mm/transparent_hugepage',
  docs: 'https://docs.kernel.org/admin-guide/mm/transhuge.html',
  reads: ROOTS.flatMap((root) => ['enabled', 'defrag', 'shmem_enabled', 'hpage_pmd_size'].map((name) => `${root}/${name}`)),
  cadence: 'first',
  schema: row(
    { enabled: text('always, madvise or never') },
    {
      defrag: text('always, defer, defer+madvise, madvise or never'),
      shmemEnabled: text('for tmpfs and shared memory: always, within_size, advise, never, deny or force'),
      pmdSize: bytes('of one huge page'),
    },
  ),
  parseFiles: (files) => {
    const of = (name: string): string | undefined => ROOTS.map((root) => files.get(`${root}/${name}`)).find((found) => found !== undefined);
    const [defrag, shmem, pmdSize] = [of('defrag'), of('shmem_enabled'), of('hpage_pmd_size')];
    return {
      enabled: active(of('enabled'), 'enabled'),
      ...(defrag === undefined ? {} : { defrag: active(defrag, 'defrag') }),
      ...(shmem === undefined ? {} : { shmemEnabled: active(shmem, 'shmem_enabled') }),
      ...(pmdSize === undefined ? {} : { pmdSize: unsigned(pmdSize.trim(), 'hpage_pmd_size') }),
    };
  },
});

function active(text: string | undefined, where: string): string {
  const word = /\[([\w+]+)\]/.exec(text ?? '')?.[1];
  if (word === undefined) throw new ParseError(`${where}: found ${quote(text?.trim() ?? '')}, expected one word in brackets`);
  return word;
}
