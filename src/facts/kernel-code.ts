import { subsystemOf } from '../gather/kernel-log/subsystem.js';
import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, type Entity, Unknown } from './fact.js';
import { ofHostRam } from './host-share.js';
import type { View } from './view.js';

/** Callers that get stacks of threads, which are counted as such (KernelStack). */
export const STACKS = /^(kernel_clone|_do_fork|do_fork|copy_process|dup_task_struct|alloc_thread_stack_node|fork_idle|create_io_thread)\b/;
/** Files of the kernel that allocate for user space, for the page cache or for slab: what is theirs is counted elsewhere. */
const COUNTED =
  /^(?:mm\/(?:filemap|readahead|memory|mempolicy|huge_memory|hugetlb|shmem|khugepaged|migrate|swap_state|slub|slab|slab_common|secretmem|ksm|memfd|zsmalloc|zpdesc)\.c:|user: |slab: )/;

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
    formula: 'max bytes of /proc/allocinfo, or of page_owner by who asked, without what is allocated for user space, page cache and slab',
    validity: 'kernel 6.10 and later, with memory allocation profiling; page_owner=on',
    reference: 'https://docs.kernel.org/mm/allocation-profiling.html',
    value: (view) => topSite(view).bytes,
  },
  'alloc.top_of_listed_pct': {
    title: 'Memory of the place in the kernel that allocates most for itself, share of all that the list shows',
    unit: '%',
    formula: '100 × alloc.top_bytes / Σ bytes of /proc/allocinfo or page_owner',
    validity: 'a list that was cut shows too much of it',
    value: (view) => (100 * topSite(view).bytes) / view.last('allocinfo').bytes,
  },
  'alloc.top_pct': {
    title: 'Memory of the place in the kernel that allocates most for itself, share of RAM',
    unit: '%',
    formula: '100 × alloc.top_bytes / MemTotal',
    value: (view) => ofHostRam(view, topSite(view).bytes),
  },
  'alloc.graphics_bytes': {
    title: 'Memory of the place of a graphics driver that allocates most in the kernel',
    unit: 'bytes',
    formula: 'alloc.top_bytes where alloc.top_kind is graphics',
    value: (view) => {
      const { tag, bytes } = topSite(view);
      if (kindOf(tag) !== 'graphics') throw new Unknown('another than a graphics driver allocates most');
      return bytes;
    },
  },
  'alloc.top_kind': {
    title: 'What the place in the kernel that allocates most for itself serves',
    unit: 'text',
    formula: 'graphics, network or other, by its path or function',
    value: (view) => kindOf(topSite(view).tag),
  },
  'owner.kernel_allocator': {
    title: 'The place in the kernel that allocates most for itself',
    unit: 'entity',
    formula: 'max bytes of /proc/allocinfo, or of page_owner by who asked, without what is allocated for user space, page cache and slab',
    validity: 'kernel 6.10 and later, with memory allocation profiling; page_owner=on',
    reference: 'https://docs.kernel.org/mm/allocation-profiling.html',
    value: (view): Entity => {
      const { tag, bytes } = topSite(view);
      return { kind: 'kernel-code', name: tag, bytes };
    },
  },
});

/** `drivers/gpu/drm/ttm/ttm_pool.c:… func:…`, `ttm_pool_alloc [ttm]`. */
function kindOf(tag: string): 'graphics' | 'network' | 'other' {
  if (/^drivers\/(?:gpu|accel)\//.test(tag)) return 'graphics';
  if (/^(?:net|drivers\/net)\//.test(tag)) return 'network';
  if (tag.includes('/')) return 'other';
  const part = subsystemOf([tag]);
  return part === 'gpu' || /\[(?:ttm|drm|amdgpu|radeon|i915|xe|nouveau|nvidia)\w*\]/.test(tag)
    ? 'graphics'
    : part === 'net' || part === 'wireless' || part === 'infiniband'
      ? 'network'
      : 'other';
}

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
