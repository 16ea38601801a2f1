import { defineText } from '../kind.js';
import { fileOf, isPath, runOfNames } from '../shape.js';

const COUNTER = /^\s*([a-z][a-z0-9_]{2,50})\s+(\d{1,20})$/;
const V1_ONLY = /^(?:total_\w+|hierarchical_\w+|cache|rss|rss_huge|mapped_file)\s/;
const V2_ONLY = /^(?:anon|file|kernel|kernel_stack|pagetables|sock|file_mapped|inactive_anon|slab_reclaimable)\s/;
/** Names of it, some of which vmstat has as well. */
const SHARED =
  /^(?:anon|file|cache|rss|kernel|kernel_stack|pagetables|percpu|sock|shmem|zswap|zswapped|mapped_file|swap|swapcached|unevictable|slab|slab_\w{10,16}|(?:in)?active_(?:anon|file)|(?:file|anon|shmem)_\w{3,20}|workingset_\w{5,30}|pg\w{4,30}|thp_\w{4,30}|total_\w{3,30}|hierarchical_\w{5,30})\s+\d{1,20}$/;

/** memory.stat of a cgroup: of that which a path names, else of the one that the reader was in. */
export default defineText({
  title: 'memory.stat',
  docs: 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files',
  origin: 'kernel',
  hint: /memory[._-]stat|cgroup|memcg/,
  span: (lines, at, hinted) => {
    const first = (lines[at] ?? '').trim();
    const second = (lines[at + 1] ?? '').trim();
    const whole = /^(?:anon|cache)\s+\d{1,20}$/.test(first) && /^(?:file|rss)\s+\d{1,20}$/.test(second);
    // without its beginning it looks like part of vmstat
    if (!whole && !(hinted && SHARED.test(first))) return 0;
    return runOfNames(lines, at, COUNTER);
  },
  read: (lines, { told = '' }) => {
    const trimmed = lines.map((line) => line.trim());
    if (isPath(told) && told.endsWith('memory.stat')) return fileOf(told, trimmed);
    const old = trimmed.some((line) => V1_ONLY.test(line)) && !trimmed.some((line) => /^(?:anon|file)\s/.test(line) && V2_ONLY.test(line));
    return fileOf(`sys/fs/cgroup/${old ? 'memory/' : ''}memory.stat`, trimmed);
  },
});
