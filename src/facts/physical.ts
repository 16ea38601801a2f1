import { defineFacts, Unknown } from './fact.js';
import { ofHostRam } from './host-share.js';
import type { View } from './view.js';

const HOTPLUG = 'https://docs.kernel.org/admin-guide/mm/memory-hotplug.html';
const KDUMP = 'https://docs.kernel.org/admin-guide/kdump/kdump.html';

/** Memory below the page allocator: what is there, what is kept back, what is switched off. */
export default defineFacts({
  'mem.physical_bytes': {
    title: 'Memory that the firmware hands to the kernel',
    unit: 'bytes',
    formula: 'Σ System RAM of /proc/iomem; else memory blocks × block size',
    validity: 'with a limit of the boot loader (mem=) only up to it; blocks may be larger than the memory in them',
    reference: HOTPLUG,
    value: physical,
  },
  'mem.crashkernel_bytes': {
    title: 'Memory kept for the kernel that writes a dump after a crash',
    unit: 'bytes',
    formula: '/sys/kernel/kexec_crash_size; else Σ Crash kernel of /proc/iomem',
    validity: 'not in MemTotal',
    reference: KDUMP,
    value: crashKernel,
  },
  'mem.crashkernel_pct': {
    title: 'Memory kept for the kernel that writes a dump after a crash, share of MemTotal',
    unit: '%',
    formula: '100 × mem.crashkernel_bytes / MemTotal',
    reference: KDUMP,
    value: (view) => ofHostRam(view, crashKernel(view)),
  },
  'mem.crashkernel_idle': {
    title: 'Memory is kept for a crash dump, and no kernel is loaded that could write it',
    unit: 'boolean',
    formula: 'kexec_crash_size > 0 and kexec_crash_loaded = 0',
    reference: KDUMP,
    value: (view) => {
      const { crashLoaded } = view.last('kexec');
      view.used('/sys/kernel/kexec_crash_loaded');
      if (crashLoaded === undefined) throw new Unknown('/sys/kernel/kexec_crash_loaded was not read');
      return crashKernel(view) > 0 && !crashLoaded;
    },
  },
  'vm.offline_bytes': {
    title: 'Memory that is present and switched off',
    unit: 'bytes',
    formula:
      'offline blocks of /sys/devices/system/memory × block size; where their states were not read, Σ System RAM of /proc/iomem − Σ present of /proc/zoneinfo, in whole blocks',
    validity:
      'present leaves out what is offline (adjust_present_page_count() of mm/memory_hotplug.c); that only from 3.9 on, which prints managed',
    reference: HOTPLUG,
    value: offline,
  },
  'vm.offline_pct': {
    title: 'Memory that is present and switched off, share of what is there',
    unit: '%',
    formula: '100 × vm.offline_bytes / (MemTotal + vm.offline_bytes)',
    reference: HOTPLUG,
    value: (view) => {
      const bytes = view.number('vm.offline_bytes');
      return (100 * bytes) / (view.meminfo('MemTotal') + bytes);
    },
  },
});

function physical(view: View): number {
  const map = view.maybe(() => view.last('iomem'));
  if (map && map.systemRam > 0) {
    view.used('/proc/iomem System RAM');
    return map.systemRam;
  }
  const { blockSize, blocks } = view.last('memory-blocks');
  view.used('/sys/devices/system/memory');
  if (blocks === undefined) throw new Unknown('neither /proc/iomem nor /sys/devices/system/memory tells');
  return blocks * blockSize;
}

function offline(view: View): number {
  const { blockSize, offline: blocks } = view.last('memory-blocks');
  view.used('/sys/devices/system/memory/memory*/state');
  if (blocks !== undefined) return blocks * blockSize;
  const zones = view.last('zoneinfo');
  view.used('/proc/iomem System RAM');
  view.used('/proc/zoneinfo present');
  const there = view.last('iomem').systemRam;
  if (there === 0 || blockSize === 0 || zones.some(({ present, managed }) => present === undefined || managed === undefined))
    throw new Unknown('the states of the memory blocks were not read');
  const present = zones.reduce((sum, zone) => sum + (zone.present ?? 0), 0);
  return Math.max(0, Math.floor((there - present) / blockSize)) * blockSize;
}

function crashKernel(view: View): number {
  const size = view.maybe(() => view.last('kexec'))?.crashSize;
  if (size !== undefined) {
    view.used('/sys/kernel/kexec_crash_size');
    return size;
  }
  view.used('/proc/iomem Crash kernel');
  return view.last('iomem').crashKernel;
}
