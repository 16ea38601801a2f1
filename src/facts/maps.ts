import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import type { View } from './view.js';

type Counted = SourceData<'process-maps'>['processes'][number];

/** Slabs of a CPU and its partial list count as wholly used in slabinfo: so many, generously (cpu_partial of mm/slub.c). */
const SLABS_OF_A_CPU = 12;

/** DEFAULT_MAX_MAP_COUNT of include/linux/mm.h: USHRT_MAX − MAPCOUNT_ELF_CORE_MARGIN. Some distributions set 1048576. */
const DEFAULT_MAX_MAP_COUNT = 65_530;

const VM = 'https://docs.kernel.org/admin-guide/sysctl/vm.html#max-map-count';

/** How many mappings a process has. At vm.max_map_count mmap() fails, and with it malloc() and pthread_create(). */
export default defineFacts({
  'proc.maps_max': {
    title: 'Most mappings of one process',
    unit: 'count',
    formula: 'max lines of /proc/PID/maps; of one that was cut, at least vm_area_struct of slabinfo − mappings of all others',
    validity: 'of the processes with most address space or memory',
    reference: VM,
    value: (view) => mapper(view).maps,
  },
  'proc.maps_max_pct': {
    title: 'Most mappings of one process, against the most that it may have',
    unit: '%',
    formula: '100 × proc.maps_max / vm.max_map_count',
    validity: 'where the setting was not read, the kernel’s default of 65530 is taken, unless a process has more already',
    reference: VM,
    value: (view) => {
      const { maps } = mapper(view);
      return (100 * maps) / limitOn(view, maps);
    },
  },
  'owner.mapper': {
    title: 'The process with most mappings',
    unit: 'entity',
    formula: 'as proc.maps_max; its size is its address space',
    value: (view): Entity => {
      const { process } = mapper(view);
      const { name, pid, maps, vsize } = process;
      // a size of one page for each mapping is none: somebody told their number alone
      return { kind: 'process', name: name === '' ? 'unnamed' : name, pid, bytes: vsize > maps * view.pageSize ? vsize : null };
    },
  },
});

/** vm.max_map_count. @throws Unknown when it was not read, and is above the default for certain. */
function limitOn(view: View, maps: number): number {
  const limit = view.maybe(() => view.sysctl('max_map_count'));
  if (limit !== undefined) return limit;
  if (maps > DEFAULT_MAX_MAP_COUNT) throw new Unknown('/proc/sys/vm/max_map_count was not read, and is not the default');
  view.used('default of vm.max_map_count (the setting was not read)');
  return DEFAULT_MAX_MAP_COUNT;
}

/** @throws Unknown */
function mapper(view: View): { process: Counted; maps: number } {
  const { processes } = view.last('process-maps');
  view.used('/proc/PID/maps');
  const [top] = processes.map((process) => ({ process, maps: atLeast(view, process) })).toSorted((a, b) => b.maps - a.maps);
  if (!top) throw new Unknown('the mappings of no process were counted');
  return top;
}

/**
 * The mappings of a process: all of them counted, or no fewer than this. Each is an object of vm_area_struct; what the others cannot
 * have, and what lies ready for the CPUs, is its.
 */
function atLeast(view: View, process: Counted): number {
  if (process.whole) return process.maps;
  return Math.max(process.maps, view.maybe(() => remainder(view, process)) ?? 0);
}

function remainder(view: View, process: Counted): number {
  const { processes, othersAtMost } = view.last('process-maps');
  const cache = view.last('slabinfo').find(({ name }) => name === 'vm_area_struct');
  if (!cache) throw new Unknown('slabinfo has no vm_area_struct');
  view.used('/proc/slabinfo vm_area_struct');
  const others = processes
    .filter(({ pid }) => pid !== process.pid)
    .reduce(
      (sum, { whole, maps, bytes, vsize }) => sum + maps + (whole ? 0 : Math.max(0, Math.ceil((vsize - bytes) / view.pageSize))),
      othersAtMost,
    );
  const ready = view.last('stat').cpus * SLABS_OF_A_CPU * cache.objectsPerSlab;
  return Math.min(cache.activeObjects - others - ready, Math.ceil(process.vsize / view.pageSize));
}
