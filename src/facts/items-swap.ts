import { defineItems } from './fact.js';
import { busyPct, deviceOf, rotates } from './swap-disks.js';

/** The swap areas. */
export default defineItems({
  'swap.devices': {
    title: 'Swap areas',
    fields: {
      type: { title: 'Partition or file', unit: 'text', formula: 'Type' },
      size_bytes: { title: 'Size', unit: 'bytes', formula: 'Size' },
      used_bytes: { title: 'In use', unit: 'bytes', formula: 'Used' },
      used_pct: { title: 'In use, share of its size', unit: '%', formula: '100 × Used / Size' },
      priority: { title: 'Priority: the highest is filled first', unit: '1', formula: 'Priority' },
      rotational: {
        title: 'Lies on a disk that says it rotates',
        unit: 'boolean',
        formula: '/sys/block/*/queue/rotational of the disk of the partition, or of the file system of the file; false for zram',
      },
      busy_pct: {
        title: 'Share of the time in which its disk had requests under way',
        unit: '%',
        formula: '100 × Δ time spent doing I/O of /proc/diskstats / Δt',
      },
      is_zram: { title: 'Is compressed memory', unit: 'boolean', formula: 'Filename is /dev/zram<n>' },
    },
    items: (view) => {
      const areas = view.last('swaps');
      view.used('/proc/swaps');
      return areas.map((area) => {
        const { name, type, size, used, priority } = area;
        const zram = /^(\/dev)?\/zram\d+$/.test(name);
        const device = deviceOf(view, area);
        return {
          name,
          type,
          size_bytes: size,
          used_bytes: used,
          used_pct: size > 0 ? (100 * used) / size : null,
          priority,
          rotational: zram ? false : rotates(view, device),
          busy_pct: busyPct(view, device),
          is_zram: zram,
        };
      });
    },
  },
});
