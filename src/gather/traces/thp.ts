import { bytes, count, row, text } from '../../json-schema.js';
import { splitKey } from '../tracing/bpftrace-output.js';
import { defineTrace } from '../tracing/trace.js';

/** Advice about huge pages (include/uapi/asm-generic/mman-common.h); all architectures but parisc until 6.2 have these numbers. */
const ADVICE: Readonly<Record<string, string>> = { 14: 'MADV_HUGEPAGE', 15: 'MADV_NOHUGEPAGE', 25: 'MADV_COLLAPSE' };
const SLOWER = 'while it runs, each system call of the host is a little slower';
const MADVISE = 'syscalls:sys_enter_madvise';

/** Which processes ask for huge pages, or against them. */
export default defineTrace({
  title: 'Advice about huge pages',
  answers: 'Who asked for transparent huge pages, or against them, and for how much?',
  docs: 'https://man7.org/linux/man-pages/man2/madvise.2.html',
  tools: ['hugepage_madvise'],
  byDefault: false,
  row: row({
    comm: text(),
    pid: count(),
    advice: text('MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_COLLAPSE'),
    bytes: bytes('of address space, summed over the calls'),
  }),
  order: ({ bytes: size }) => size,
  forms: [
    {
      backend: 'tracepoint',
      needs: [`${MADVISE}#behavior`, `${MADVISE}#len_in`],
      loss: SLOWER,
      program: ({ pid }) => {
        const which = Object.keys(ADVICE).map((number) => `args->behavior == ${number}`);
        const own = pid === null ? '' : ` && pid == ${pid}`;
        return `tracepoint:${MADVISE} /(${which.join(' || ')})${own}/ { @thp_bytes[args->behavior, pid, comm] = sum((uint64)args->len_in); }`;
      },
      read: (output) => ({
        rows: (output.maps.get('thp_bytes') ?? []).flatMap(({ key, value }) => {
          const parts = splitKey(key, 2);
          const [advice, pid] = parts?.numbers ?? [];
          return parts === null || advice === undefined || pid === undefined
            ? []
            : [{ comm: parts.rest, pid, advice: ADVICE[advice] ?? String(advice), bytes: Math.max(0, value) }];
        }),
      }),
    },
    {
      backend: 'tracefs',
      needs: [`${MADVISE}#behavior`, `${MADVISE}#len_in`],
      loss: `by thread; ${SLOWER}`,
      triggers: () => ({
        asked: {
          event: MADVISE,
          hist: `keys=common_pid.execname,behavior:vals=hitcount,len_in:size=2048 if (${Object.keys(ADVICE)
            .map((number) => `behavior == ${number}`)
            .join(' || ')})`,
        },
      }),
      read: ({ asked }) => ({
        rows: (asked?.rows ?? []).map(({ keys, values }) => ({
          comm: keys['common_pid'] ?? '',
          pid: Number(keys['pid'] ?? 0),
          advice: ADVICE[keys['behavior'] ?? ''] ?? keys['behavior'] ?? '',
          bytes: values['len_in'] ?? 0,
        })),
      }),
    },
    {
      backend: 'perf-stat',
      needs: [MADVISE],
      loss: `advice of all kinds, counted for the whole host; ${SLOWER}`,
      events: () => [MADVISE],
      read: (counts) => ({ rows: [], totals: { madvise: counts.get(MADVISE) ?? 0 } }),
    },
  ],
});
