import { defineFacts } from './fact.js';
import { lxcfsOverMeminfo, zoneSum } from './sums.js';
import type { View } from './view.js';

const MIB = 1 << 20;
/** A counter of managed pages that has wrapped below zero says more than this. */
const MOST_BYTES = 2 ** 50;
/** A per-CPU difference of a zone counter is folded in at this size at the latest: calculate_normal_threshold() of mm/vmstat.c. */
const FOLD_PAGES = 125;

/** What the evidence shows, whose view it is, and how far it can be trusted. */
export default defineFacts({
  'view.scope': {
    title: 'Whose view it is',
    unit: 'text',
    formula: 'container-lxcfs when lxcfs stands before /proc/meminfo; container or vm-guest by the markers of the environment; else host',
    value: scope,
  },
  'view.mixed': {
    title: '/proc/meminfo and the other files speak of different machines',
    unit: 'boolean',
    formula: 'lxcfs is mounted over /proc/meminfo, or OpenVZ makes it, or MemTotal < 98 % of Σ MemTotal of the nodes',
    validity: 'a MemTotal above that of the nodes is no sign: with lazy initialization of memory the zones lag behind',
    value: mixed,
  },
  'zones.consistent': {
    title: 'The zones hold as much free memory as /proc/meminfo says',
    unit: 'boolean',
    formula: '|Σ zone free − MemFree| ≤ max(2 % of MemTotal, 8 MiB)',
    validity: 'when false, nothing is to be concluded from the watermarks of zones',
    value: (view) => Math.abs(zoneSum(view, 'free') - view.meminfo('MemFree')) <= Math.max(0.02 * view.meminfo('MemTotal'), 8 * MIB),
  },
  'sample.seconds': {
    title: 'Time between the samples',
    unit: 's',
    formula: 'Δ monotonic time of the readings of /proc/vmstat',
    value: (view) => view.seconds,
  },
  'sample.short': {
    title: 'The samples are too close for steady rates',
    unit: 'boolean',
    formula: 'sample.seconds < 5',
    validity: 'pressure averages step every 2 s, gauges are folded every second',
    value: (view) => view.seconds < 5,
  },
  'sample.uptime': {
    title: 'Time since boot',
    unit: 's',
    formula: 'first figure of /proc/uptime',
    validity: 'ratios since boot mean little below 10 minutes and above 30 days',
    value: (view) => {
      view.used('/proc/uptime');
      return view.last('uptime').uptime;
    },
  },
  'kernel.mglru': {
    title: 'The multi-generational LRU is in use',
    unit: 'boolean',
    formula: 'bit 0 of /sys/kernel/mm/lru_gen/enabled',
    validity: 'changes what scan and refault counters mean',
    reference: 'https://docs.kernel.org/admin-guide/mm/multigen_lru.html',
    value: mglru,
  },
  'drift.bytes': {
    title: 'How far gauges may lag behind',
    unit: 'bytes',
    formula: '125 × page size × CPUs × populated zones',
    validity: 'differences of gauges below it are noise',
    reference: 'https://github.com/torvalds/linux/blob/v6.12/mm/vmstat.c',
    value: (view) => {
      const zones = view.last('zoneinfo').filter((zone) => (zone.managed ?? zone.present ?? zone.high) > 0).length;
      view.used('/proc/stat cpu*');
      view.used('/proc/zoneinfo');
      return FOLD_PAGES * view.pageSize * view.last('stat').cpus * zones;
    },
  },
});

function scope(view: View): string {
  if (view.maybe(() => lxcfsOverMeminfo(view)) === true) return 'container-lxcfs';
  const { container, hypervisor } = view.last('environment');
  view.used('/run/.containerenv, /.dockerenv, /proc/self/cgroup');
  if (container !== null) return 'container';
  view.used('/proc/cpuinfo, /sys/class/dmi/id, /sys/hypervisor');
  return hypervisor === null ? 'host' : 'vm-guest';
}

function mixed(view: View): boolean {
  const overlaid = view.maybe(() => lxcfsOverMeminfo(view));
  if (overlaid === true) return true;
  // its kernel shows a container a /proc/meminfo of its own, and most other files of the host
  if (view.maybe(() => view.last('environment').container) === 'openvz') {
    view.used('/proc/vz');
    return true;
  }
  const ofNodes = view.maybe(() => view.last('node').reduce((sum, node) => sum + (node.meminfo['MemTotal'] ?? 0), 0));
  if (ofNodes === undefined || ofNodes === 0) {
    return overlaid === undefined && aboveMeminfo(view);
  }
  view.used('/sys/devices/system/node/node*/meminfo MemTotal');
  return view.meminfo('MemTotal') < 0.98 * ofNodes;
}

/** The zones hold more memory than /proc/meminfo knows of. What cannot be compared is no sign. @throws Unknown when /proc/meminfo was not read. */
function aboveMeminfo(view: View): boolean {
  view.last('meminfo');
  const total = view.maybe(() => view.meminfo('MemTotal'));
  const managed = view.maybe(() => view.last('zoneinfo').reduce((sum, zone) => sum + (zone.managed ?? 0), 0));
  if (total === undefined || managed === undefined) return false;
  view.used('/proc/zoneinfo managed');
  return total < 0.9 * managed && managed < MOST_BYTES;
}

function mglru(view: View): boolean {
  const reading = view.readings('lru-gen').at(-1);
  if (reading) {
    view.used('/sys/kernel/mm/lru_gen/enabled');
    return (reading.data.enabled & 1) === 1;
  }
  const beside = view.readings('transparent-hugepage').length > 0;
  if (view.snapshot.sources['lru-gen']?.status === 'absent' && beside) return false;
  // MGLRU came with 6.1, the split of refaults by type with 5.9
  const counters = view.readings('vmstat').at(-1)?.data;
  if (counters && counters['workingset_refault_anon'] === undefined) {
    view.used('/proc/vmstat workingset_refault_anon');
    return false;
  }
  return (view.last('lru-gen').enabled & 1) === 1;
}
