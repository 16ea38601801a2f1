import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import type { View } from './view.js';

/** Callers that get stacks of threads, which are counted as such (KernelStack). */
export const STACKS = /^(kernel_clone|_do_fork|do_fork|copy_process|dup_task_struct|alloc_thread_stack_node|fork_idle|create_io_thread)\b/;
/** Files of the kernel that allocate for user space, for the page cache or for slab: what is theirs is counted elsewhere. */
const COUNTED =
  /^mm\/(filemap|readahead|memory|mempolicy|huge_memory|hugetlb|shmem|khugepaged|migrate|swap_state|slub|slab|slab_common|secretmem|ksm|memfd)\.c:/;

/** Which code of the kernel holds memory, where the kernel keeps books on it. */
export default defineFacts({
  'vmalloc.listed_bytes': {
    title: 'Memory of vmalloc by /proc/vmallocinfo',
    unit: 'bytes',
    formula: 'page size × Σ pages of /proc/vmallocinfo',
    validity: 'root only; with kernel stacks where they lie there',
    value: (view) => areas(view).bytes,
  },
  'vmalloc.top_bytes': {
    title: 'Memory of vmalloc of the function that asked for most of it',
    unit: 'bytes',
    formula: 'max over functions of page size × Σ pages of /proc/vmallocinfo, kernel stacks left out',
    value: (view) => topCaller(view).bytes,
  },
  'vmalloc.top_caller': {
    title: 'The function that asked for most memory of vmalloc',
    unit: 'text',
    formula: 'function and module with max Σ pages of /proc/vmallocinfo, kernel stacks left out',
    value: (view) => topCaller(view).caller,
  },
  'owner.vmalloc_caller': {
    title: 'The function that asked for most memory of vmalloc',
    unit: 'entity',
    formula: 'function and module with max Σ pages of /proc/vmallocinfo, kernel stacks left out',
    value: (view): Entity => {
      const { caller, bytes } = topCaller(view);
      return { kind: 'kernel-code', name: caller, bytes };
    },
  },
  'alloc.top_bytes': {
    title: 'Memory of the place in the kernel that allocates most for itself',
    unit: 'bytes',
    formula: 'max bytes of /proc/allocinfo, without the places that allocate for user space, page cache and slab',
    validity: 'kernel 6.10 and later, with memory allocation profiling',
    reference: 'https://docs.kernel.org/mm/allocation-profiling.html',
    value: (view) => topSite(view).bytes,
  },
  'owner.kernel_allocator': {
    title: 'The place in the kernel that allocates most for itself',
    unit: 'entity',
    formula: 'max bytes of /proc/allocinfo, without the places that allocate for user space, page cache and slab',
    validity: 'kernel 6.10 and later, with memory allocation profiling',
    reference: 'https://docs.kernel.org/mm/allocation-profiling.html',
    value: (view): Entity => {
      const { tag, bytes } = topSite(view);
      return { kind: 'kernel-code', name: tag, bytes };
    },
  },
});

function areas(view: View): SourceData<'vmallocinfo'> {
  view.used('/proc/vmallocinfo pages');
  return view.last('vmallocinfo');
}

function topCaller(view: View): SourceData<'vmallocinfo'>['callers'][number] {
  const first = areas(view).callers.find(({ caller }) => !STACKS.test(caller));
  if (!first) throw new Unknown('/proc/vmallocinfo lists nothing but kernel stacks');
  return first;
}

function topSite(view: View): SourceData<'allocinfo'>['top'][number] {
  const { top } = view.last('allocinfo');
  view.used('/proc/allocinfo');
  const first = top.find(({ tag }) => !COUNTED.test(tag));
  if (!first) throw new Unknown('/proc/allocinfo lists nothing but user memory, page cache and slab');
  return first;
}
