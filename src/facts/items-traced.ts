import { defineItems } from './fact.js';
import { byWho, tracedRows, whoName } from './traced-rows.js';

/** Traced: one item for each process, file or order. */
export default defineItems({
  'traced.reclaimers': {
    title: 'Processes that had to reclaim memory themselves, in the trace',
    fields: {
      count: { title: 'Times', unit: 'count', formula: 'mm_vmscan_{direct,memcg}_reclaim_end' },
      total_s: { title: 'In reclaim', unit: 's', formula: 'Σ (end − begin)' },
      max_s: { title: 'The longest one', unit: 's', formula: 'max (end − begin)' },
      share_pct: { title: 'In reclaim, share of the time traced', unit: '%', formula: '100 × Σ (end − begin) / time traced' },
      pages: { title: 'Pages reclaimed', unit: 'pages', formula: 'Σ nr_reclaimed' },
      memcg: { title: 'For a limit of its cgroup alone', unit: 'boolean', formula: 'no mm_vmscan_direct_reclaim_end, only those of memcg' },
    },
    items: (view) => {
      const { rows, seconds } = tracedRows(view, 'reclaim');
      const known = rows.every(({ totalSeconds }) => totalSeconds !== undefined);
      return byWho(rows, ({ totalSeconds, maxSeconds, count }) =>
        totalSeconds === undefined ? count : Math.max(totalSeconds, maxSeconds ?? 0),
      ).map((who) => ({
        name: whoName(who),
        count: who.rows.reduce((sum, { count }) => sum + count, 0),
        total_s: known ? who.sum : null,
        max_s: known ? Math.max(...who.rows.map(({ maxSeconds }) => maxSeconds ?? 0)) : null,
        share_pct: known ? (100 * who.sum) / seconds : null,
        pages: who.rows.reduce((sum, { pages }) => sum + pages, 0),
        memcg: who.rows.every(({ scope }) => scope === 'memcg'),
      }));
    },
  },
  'traced.faulters': {
    title: 'Processes by their page faults, in the trace',
    fields: {
      rate: { title: 'Page faults', unit: '1/s', formula: 'software:page-faults / time traced' },
      major_rate: { title: 'Of them from disk', unit: '1/s', formula: 'software:major-faults / time traced' },
    },
    items: (view) => {
      const { rows, seconds } = tracedRows(view, 'page-faults');
      return byWho(rows, ({ faults }) => faults).map((who) => {
        const majors = who.rows.map(({ majorFaults }) => majorFaults).filter((each) => each !== undefined);
        return {
          name: whoName(who),
          rate: who.sum / seconds,
          major_rate: majors.length === 0 ? null : majors.reduce((sum, each) => sum + each, 0) / seconds,
        };
      });
    },
  },
  'traced.growers': {
    title: 'Processes whose heap grew, in the trace',
    fields: {
      growth_bytes_per_second: { title: 'Growth', unit: 'bytes/s', formula: '(brk + anonymous mmap − munmap) / time traced' },
      brk_bytes: { title: 'By brk', unit: 'bytes', formula: 'Σ growth of the break' },
      mmap_bytes: { title: 'By mmap', unit: 'bytes', formula: 'Σ len of anonymous mmap' },
      munmap_bytes: { title: 'Given back', unit: 'bytes', formula: 'Σ len of munmap' },
    },
    items: (view) => {
      const { rows, seconds } = tracedRows(view, 'heap-growth');
      return byWho(rows, ({ brkBytes = 0, mmapBytes, munmapBytes }) => brkBytes + mmapBytes - munmapBytes).map((who) => ({
        name: whoName(who),
        growth_bytes_per_second: who.sum / seconds,
        brk_bytes: who.rows.reduce((sum, { brkBytes = 0 }) => sum + brkBytes, 0),
        mmap_bytes: who.rows.reduce((sum, { mmapBytes }) => sum + mmapBytes, 0),
        munmap_bytes: who.rows.reduce((sum, { munmapBytes }) => sum + munmapBytes, 0),
      }));
    },
  },
  'traced.files': {
    title: 'Files read into the page cache, in the trace',
    fields: {
      pages: { title: 'Pages read in', unit: 'pages', formula: 'pages added to the page cache' },
      bytes_per_second: { title: 'Read in', unit: 'bytes/s', formula: 'pages × page size / time traced' },
    },
    items: (view) => {
      const { rows, seconds } = tracedRows(view, 'file-faults');
      return byWho(
        rows.map(({ file, pages }) => ({ comm: file, pages })),
        ({ pages }) => pages,
      ).map(({ name, sum }) => ({ name, pages: sum, bytes_per_second: (sum * view.pageSize) / seconds }));
    },
  },
});
