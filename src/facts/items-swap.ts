import { defineItems } from './fact.js';

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
      rotational: { title: 'Lies on a rotating disk', unit: 'boolean', formula: '/sys/block/*/queue/rotational; false for zram' },
      is_zram: { title: 'Is compressed memory', unit: 'boolean', formula: 'Filename is /dev/zram<n>' },
    },
    items: (view) => {
      const areas = view.last('swaps');
      view.used('/proc/swaps');
      return areas.map(({ name, type, size, used, priority }) => {
        const zram = /^(\/dev)?\/zram\d+$/.test(name);
        return {
          name,
          type,
          size_bytes: size,
          used_bytes: used,
          used_pct: size > 0 ? (100 * used) / size : null,
          priority,
          rotational: zram ? false : null,
          is_zram: zram,
        };
      });
    },
  },
});
