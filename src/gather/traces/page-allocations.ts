import { count, row, text } from '../../json-schema.js';
import { foldedStacks } from '../tracing/bpftrace-output.js';
import { pageSizeOf, vmstatForm } from '../tracing/readings.js';
import { folded, framesOf, numberOf, numericRows, sampledStacks, summed } from '../tracing/symbols.js';
import { defineTrace, type ProcForm, type Stack } from '../tracing/trace.js';
import { readOne } from '../tree.js';

const EVENT = 'kmem:mm_page_alloc';
/** From this order on an allocation is rare and large: each is taken. */
const LARGE = 4;
/** Beyond one in so many, a histogram of all of them with stacks would cost too much. */
const MOST_PERIOD = 10;

/** Functions of the page allocator and its helpers: who called them is asked for. */
const ALLOCATOR =
  /^_{0,3}(?:alloc_(?:frozen_)?pages?(?!_buffers)|folio_alloc|vma_alloc|get_free_pages|get_zeroed_page|page_frag_|pte_alloc_one|pmd_alloc_one|rmqueue|get_page_from_freelist|mm_page_alloc|trace_)/;

/** Which code of the kernel takes pages from the page allocator: what neither meminfo nor slabinfo has a line for is found here. */
export default defineTrace({
  title: 'Allocations of pages',
  answers: 'Which kernel code takes memory, when no line of meminfo says where it went?',
  docs: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/kmem.h',
  tools: ['memleak', 'kpages', 'mm_page_alloc'],
  byDefault: false,
  onlyByName: 'pages are allocated up to a million times a second: even a trace that takes one in many costs some percent',
  mostSeconds: 5,
  rate: ({ perSecond }) => perSecond('pgalloc_normal', 'pgalloc_movable', 'pgalloc_dma32', 'pgalloc_dma'),
  samples: true,
  row: row(
    {
      caller: text('the innermost function that is not of the page allocator'),
      pages: count('allocated; by /proc/allocinfo, by how many it grew'),
    },
    { count: count('allocations') },
  ),
  order: ({ pages }) => pages,
  forms: [
    {
      backend: 'tracepoint',
      needs: [`${EVENT}#order`],
      loss: 'allocations, not what stays: what is freed again is among them',
      program: ({ pid, period }) => {
        const own = pid === null ? '' : ` && pid == ${pid}`;
        const pages = '= sum((uint64)1 << args->order)';
        const large = `tracepoint:${EVENT} /args->order >= ${LARGE}${own}/ { @page_allocations_large[kstack(24), comm] ${pages}; }`;
        return `${large}
tracepoint:${EVENT} /args->order < ${LARGE} && rand % ${period} == 0${own}/ { @page_allocations_small[kstack(24), comm] ${pages}; }`;
      },
      stackMaps: ['@page_allocations_large', '@page_allocations_small'],
      read: (output, { period }) =>
        seenOf([...foldedStacks(output, 'page_allocations_large'), ...foldedStacks(output, 'page_allocations_small', period)]),
    },
    {
      backend: 'tracefs',
      needs: [`${EVENT}#order`],
      loss: 'allocations, not what stays: what is freed again is among them',
      triggers: ({ period }) => ({
        pages: { event: EVENT, hist: `keys=order,stacktrace:vals=hitcount:size=4096${period > MOST_PERIOD ? ' if order >= 1' : ''}` },
      }),
      read: ({ pages }, { period }) => ({
        ...seenOf(
          numericRows(pages, 'order').map((row) =>
            folded(null, framesOf(row), (row.values['hitcount'] ?? 0) * 2 ** Number(row.keys['order'])),
          ),
        ),
        notes: period > MOST_PERIOD ? ['single pages were left out: there are too many of them'] : [],
      }),
    },
    {
      backend: 'perf-record',
      needs: [EVENT],
      loss: 'allocations, not what stays: what is freed again is among them',
      event: EVENT,
      text: true,
      read: (samples) => seenOf(sampledStacks(samples, ({ period, text: fields }) => period * 2 ** (numberOf(fields, 'order') ?? 0))),
    },
    {
      backend: 'proc',
      needs: ['file:proc/allocinfo'],
      loss: 'by how much each place in the kernel grew: not for whom',
      reading: async (tree) => ({
        pageSize: await pageSizeOf(tree),
        sizes: sizesOf((await readOne(tree, 'proc/allocinfo', ALLOCINFO)).text),
      }),
      read: (before, after) => ({
        rows: [...after.sizes].flatMap(([caller, { bytes, calls }]) => {
          const grown = bytes - (before.sizes.get(caller)?.bytes ?? 0);
          return grown < after.pageSize
            ? []
            : [{ caller, pages: Math.round(grown / after.pageSize), count: Math.max(0, calls - (before.sizes.get(caller)?.calls ?? 0)) }];
        }),
      }),
    } satisfies ProcForm<{ caller: string; pages: number; count: number }, Allocinfo>,
    vmstatForm('counted for the whole host: not by caller', {
      allocatedPages: ['pgalloc_normal', 'pgalloc_movable', 'pgalloc_dma32', 'pgalloc_dma', 'pgalloc_device'],
      freedPages: ['pgfree'],
    }),
  ],
});

const ALLOCINFO = { maxBytes: 16 << 20, deadlineMs: 2000 };

interface Allocinfo {
  readonly pageSize: number;
  readonly sizes: ReadonlyMap<string, { bytes: number; calls: number }>;
}

/** Rows by the innermost function that is not of the page allocator; the stacks as they are. */
function seenOf(stacks: readonly Stack[]) {
  const rows = summed(
    stacks.map(({ stack, count: pages }) => ({ caller: callerOf(stack), pages })),
    ({ caller }) => caller,
    (first) => first,
    (sum, more) => ({ caller: sum.caller, pages: sum.pages + more.pages }),
  );
  return { rows, stacks };
}

function callerOf(stack: string): string {
  const frames = stack.split(';');
  return frames.findLast((frame) => !ALLOCATOR.test(frame)) ?? frames.at(-1) ?? '';
}

/** `   4096   1 mm/slub.c:2501 func:alloc_slab_page`: the bytes now held by the place, which is its name. */
function sizesOf(text: string): Map<string, { bytes: number; calls: number }> {
  const sizes = new Map<string, { bytes: number; calls: number }>();
  for (const line of text.split('\n')) {
    const [, bytes, calls, place] = /^\s{0,20}(\d{1,18})\s{1,20}(\d{1,18})\s{1,4}(\S.{0,300})$/.exec(line) ?? [];
    if (place !== undefined) sizes.set(place.trim(), { bytes: Number(bytes), calls: Number(calls) });
  }
  if (sizes.size === 0) throw new Error('/proc/allocinfo tells of no place: allocation profiling is off');
  return sizes;
}
