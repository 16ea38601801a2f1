import { bytes, count, row, text } from '../../json-schema.js';
import type { BpfOutput } from '../tracing/bpftrace-output.js';
import { readingOf } from '../tracing/readings.js';
import slabinfo from '../sources/slabinfo.js';
import { fieldOf, numberOf, sampledStacks, summed, symbolOf } from '../tracing/symbols.js';
import { defineTrace, type ProcForm, type Seen, type Setting } from '../tracing/trace.js';

/** The two of NUMA nodes were put together with the others in 6.1. */
const EVENTS = ['kmem:kmem_cache_alloc', 'kmem:kmalloc', 'kmem:kmem_cache_alloc_node', 'kmem:kmalloc_node'];
const FIRST = 'kmem:kmem_cache_alloc';
/** Allocations per second, as long as nothing counts them: a busy host makes some hundred thousand. */
const SUPPOSED_RATE = 128_000;
/** Functions of the slab allocator itself: who called them is asked for. */
const ALLOCATOR = /^_{0,3}(?:kmem_cache_alloc|kmalloc|kmem_alloc|slab_alloc|do_kmalloc)/;

interface Row {
  count: number;
  site?: string;
  cache?: string;
  comm?: string;
  bytes?: number;
}

const present = ({ kernel }: Setting): string[] => EVENTS.filter((event) => kernel.fields(event)?.includes('bytes_alloc') === true);
/** Newer kernels tell the cache. */
const named = ({ kernel }: Setting, event: string): boolean => kernel.fields(event)?.includes('name') === true;

/** Which code of the kernel allocates objects, for whom. Allocations, one in many: what is freed again is among them. */
export default defineTrace({
  title: 'Allocations of kernel objects',
  answers: 'Which kernel function, on behalf of which process, allocates from the slab caches?',
  docs: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/kmem.h',
  tools: ['slabratetop', 'kmem'],
  byDefault: false,
  onlyByName: 'kernel objects are allocated up to a million times a second: even a trace that takes one in many costs some percent',
  mostSeconds: 5,
  rate: () => SUPPOSED_RATE,
  samples: true,
  row: row(
    { count: count('allocations; where two readings of slabinfo are compared, by how many objects the cache grew') },
    {
      site: text('the function that allocated'),
      cache: text('when the kernel tells'),
      comm: text('on whose behalf'),
      bytes: bytes('allocated; where two readings of slabinfo are compared, by how much the cache grew'),
    },
  ),
  order: ({ bytes: size, count: times }) => size ?? times,
  forms: [
    {
      backend: 'tracepoint',
      needs: [`${FIRST}#call_site`, `${FIRST}#bytes_alloc`],
      loss: 'allocations, not what stays: what is freed again is among them',
      program: (setting) =>
        present(setting)
          .map((event) => {
            const own = setting.pid === null ? '' : ` && pid == ${setting.pid}`;
            // two sets of maps: how long a string in a key may be differs between versions of bpftrace
            const [map, cache] = named(setting, event) ? ['@slab_of', ', str(args->name)'] : ['@slab', ''];
            const key = `[ksym(args->call_site)${cache}, comm]`;
            return `tracepoint:${event} /rand % ${setting.period} == 0${own}/ { ${map}_bytes${key} = sum(args->bytes_alloc); ${map}_n${key} = count(); }`;
          })
          .join('\n'),
      read: readBpf,
    },
    {
      backend: 'tracefs',
      needs: [`${FIRST}#call_site`, `${FIRST}#bytes_alloc`],
      loss: 'allocations, not what stays: what is freed again is among them; all of them were taken',
      triggers: (setting) =>
        Object.fromEntries(
          present(setting).map((event) => [
            event,
            { event, hist: `keys=call_site.sym${named(setting, event) ? ',name' : ''}:vals=hitcount,bytes_alloc:size=2048` },
          ]),
        ),
      read: (tables) => ({
        rows: Object.values(tables).flatMap(({ rows }) =>
          rows.map(({ keys, values }) => ({
            site: symbolOf(keys['call_site']),
            ...(keys['name'] === undefined ? {} : { cache: keys['name'] }),
            count: values['hitcount'] ?? 0,
            bytes: values['bytes_alloc'] ?? 0,
          })),
        ),
      }),
    },
    {
      backend: 'perf-record',
      needs: [FIRST],
      loss: 'allocations, not what stays: what is freed again is among them',
      event: (setting) => present(setting).join(','),
      text: true,
      read: (samples) => ({
        rows: summed(
          samples.map(({ comm, period, frames, text: fields }): Row => {
            const cache = fieldOf(fields, 'name');
            return {
              // perf prints the address of the site; it is the first frame that is not of the slab allocator
              site: frames.find((frame) => !ALLOCATOR.test(frame)) ?? fieldOf(fields, 'call_site') ?? '',
              ...(cache === undefined ? {} : { cache }),
              comm,
              count: period,
              bytes: (numberOf(fields, 'bytes_alloc') ?? 0) * period,
            };
          }),
          ({ site, cache, comm }) => [site, cache, comm].join(','),
          (first) => first,
          (sum, more) => ({ ...sum, count: sum.count + more.count, bytes: (sum.bytes ?? 0) + (more.bytes ?? 0) }),
        ),
        stacks: sampledStacks(samples),
      }),
    },
    {
      backend: 'perf-stat',
      needs: [FIRST],
      loss: 'counted for the whole host: not by site or process',
      events: present,
      read: (counts) => ({
        rows: [],
        totals: Object.fromEntries(
          [...counts].filter(([event]) => EVENTS.includes(event)).map(([event, times]) => [event.slice('kmem:'.length), times]),
        ),
      }),
    },
    {
      backend: 'proc',
      needs: ['file:proc/slabinfo'],
      loss: 'by how much each cache grew: not who allocated',
      reading: async (tree) =>
        new Map((await readingOf(tree, slabinfo)).map(({ name, activeObjects, bytes: size }) => [name, { activeObjects, size }])),
      read: (before, after) => ({
        rows: [...after].flatMap(([cache, { activeObjects, size }]) => {
          const grown = size - (before.get(cache)?.size ?? 0);
          const objects = activeObjects - (before.get(cache)?.activeObjects ?? 0);
          return grown > 0 || objects > 0 ? [{ cache, count: Math.max(0, objects), bytes: Math.max(0, grown) }] : [];
        }),
      }),
    } satisfies ProcForm<Row, ReadonlyMap<string, { activeObjects: number; size: number }>>,
  ],
});

function readBpf(output: BpfOutput, { period }: Setting): Seen<Row> {
  const rowsOf = (map: string, partsOf: (key: string) => { site: string; comm: string; cache?: string } | null) => {
    const sizes = new Map((output.maps.get(`${map}_bytes`) ?? []).map(({ key, value }) => [key, value]));
    return (output.maps.get(`${map}_n`) ?? []).flatMap(({ key, value }) => {
      const parts = partsOf(key);
      return parts === null ? [] : [{ ...parts, count: value * period, bytes: (sizes.get(key) ?? 0) * period }];
    });
  };
  // neither a function nor a cache has a comma in its name; a process may
  return {
    rows: [
      ...rowsOf('slab', (key) => {
        const [, site, comm] = /^([^,]*),([\s\S]*)$/.exec(key) ?? [];
        return site === undefined || comm === undefined ? null : { site, comm };
      }),
      ...rowsOf('slab_of', (key) => {
        const [, site, cache, comm] = /^([^,]*),([^,]*),([\s\S]*)$/.exec(key) ?? [];
        if (site === undefined || cache === undefined || comm === undefined) return null;
        // bpftrace 0.23 looks for such a string in the wrong place, and finds none
        return cache === '' ? { site, comm } : { site, cache, comm };
      }),
    ],
  };
}
