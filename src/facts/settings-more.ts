import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const KIB = 1024;
const VM = 'https://docs.kernel.org/admin-guide/sysctl/vm.html';
const WORDS = 'https://docs.kernel.org/admin-guide/kernel-parameters.html';

/** Settings that change how memory is kept and given, beside those that other facts need. */
export default defineFacts({
  'config.swappiness': setting('How readily memory of processes goes to swap', 'swappiness'),
  'config.vfs_cache_pressure': setting('How readily names and inodes are given up', 'vfs_cache_pressure'),
  'config.names_kept': {
    title: 'Names and inodes are never given up',
    unit: 'boolean',
    formula: 'vm.vfs_cache_pressure = 0',
    reference: VM,
    value: (view) => view.number('config.vfs_cache_pressure') === 0,
  },
  'config.watermark_scale_factor': setting('Distance of the watermarks, in 1/10000 of memory', 'watermark_scale_factor'),
  'config.panic_on_oom': setting('Whether the host panics instead of killing', 'panic_on_oom'),
  'config.max_map_count': setting('Mappings that one process may have', 'max_map_count'),
  'config.admin_reserve_bytes': {
    title: 'Kept back for the administrator in mode 2',
    unit: 'bytes',
    formula: '1024 × vm.admin_reserve_kbytes',
    reference: VM,
    value: (view) => KIB * view.sysctl('admin_reserve_kbytes'),
  },
  'config.min_free_kib_low': {
    title: 'The reserve is below what the kernel needs to work',
    unit: 'boolean',
    formula: 'vm.min_free_kbytes < 1024, and MemTotal ≥ 256 MiB',
    reference: VM,
    value: (view) => view.sysctl('min_free_kbytes') < 1024 && view.number('mem.total_bytes') >= 256 * 2 ** 20,
  },
  'config.dirty_limit_bytes': {
    title: 'Unwritten data that may gather before writers have to wait',
    unit: 'bytes',
    formula: 'page size × nr_dirty_threshold of /proc/vmstat',
    reference: VM,
    value: (view) => view.pageSize * view.vmstat('nr_dirty_threshold'),
  },
  'config.lru_min_ttl_ms': {
    title: 'The working set is kept at least this long, or the OOM killer is called',
    unit: 'count',
    formula: 'min_ttl_ms of /sys/kernel/mm/lru_gen, in milliseconds',
    reference: 'https://docs.kernel.org/admin-guide/mm/multigen_lru.html',
    value: (view) => {
      view.used('/sys/kernel/mm/lru_gen/min_ttl_ms');
      const { minTtlMs } = view.last('lru-gen');
      if (minTtlMs === undefined) throw new Unknown('min_ttl_ms was not read');
      return minTtlMs;
    },
  },
  'boot.memcg_off': word(
    'Memory control groups are switched off',
    'cgroup_disable=memory',
    /(?:^|\s)cgroup_disable=(?:[\w,]{1,40},)?memory(?:[\s,]|$)/,
  ),
  'boot.numa_off': word('NUMA is switched off', 'numa=off', /(?:^|\s)numa=off(?:\s|$)/),
  'boot.thp_set': word('Transparent huge pages are set', 'transparent_hugepage=', /(?:^|\s)transparent_hugepage=\w{4,7}(?:\s|$)/),
  'commit.of_memory_pct': {
    title: 'Promised memory, against RAM and swap',
    unit: '%',
    formula: '100 × Committed_AS / (MemTotal + SwapTotal)',
    validity: 'no limit unless vm.overcommit_memory = 2: programs ask for more than they use',
    reference: 'https://docs.kernel.org/mm/overcommit-accounting.html',
    value: (view) => (100 * view.meminfo('Committed_AS')) / (view.meminfo('MemTotal') + view.meminfo('SwapTotal')),
  },
});

function setting(title: string, name: string) {
  return { title, unit: '1' as const, formula: `vm.${name}`, reference: VM, value: (view: View) => view.sysctl(name) };
}

function word(title: string, text: string, pattern: RegExp) {
  return {
    title: `${title} on the kernel command line`,
    unit: 'boolean' as const,
    formula: `/proc/cmdline has ${text}`,
    reference: WORDS,
    value: (view: View) => {
      view.used('/proc/cmdline');
      return pattern.test(view.last('cmdline').text);
    },
  };
}
