import { ParseError } from '../../errors.js';
import { bytes, count, list, row } from '../../json-schema.js';
import { unsigned } from '../lines.js';
import { defineSource } from '../source.js';

const ROOT = 'sys/kernel/mm/hugepages';
const FILES = ['nr_hugepages', 'free_hugepages', 'resv_hugepages', 'surplus_hugepages', 'nr_overcommit_hugepages'];

/** Pools of huge pages, by page size. */
export default defineSource({
  title: '/sys/kernel/mm/hugepages',
  docs: 'https://docs.kernel.org/admin-guide/mm/hugetlbpage.html',
  reads: FILES.map((name) => `${ROOT}/hugepages-*kB/${name}`),
  cadence: 'full',
  schema: list(
    row({
      size: bytes('of one page'),
      total: count('pages in the pool, surplus included'),
      free: count('not handed out'),
      reserved: count('promised to a mapping, not yet handed out; part of free'),
      surplus: count('above the configured size of the pool'),
      overcommit: count('the most surplus pages that may be'),
    }),
    'by size',
  ),
  parseFiles: (files) => {
    const dirs = new Set([...files.keys()].map((path) => path.slice(0, path.lastIndexOf('/'))));
    const pools = [...dirs].map((dir) => {
      const number = (name: string): number => {
        const content = files.get(`${dir}/${name}`);
        if (content === undefined) throw new ParseError(`no ${dir}/${name}`);
        return unsigned(content.trim(), `${dir}/${name}`);
      };
      return {
        size: unsigned(/hugepages-(\d+)kB$/.exec(dir)?.[1], dir) * 1024,
        total: number('nr_hugepages'),
        free: number('free_hugepages'),
        reserved: number('resv_hugepages'),
        surplus: number('surplus_hugepages'),
        overcommit: number('nr_overcommit_hugepages'),
      };
    });
    return pools.sort((a, b) => a.size - b.size);
  },
});
