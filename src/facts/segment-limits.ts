import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const KERNEL = 'https://docs.kernel.org/admin-guide/sysctl/kernel.html#shmall';
const HERE = 'of our IPC namespace only; each has limits of its own';

/** System V shared memory against the limits at which shmget() fails, and how much of it lies in swap. */
export default defineFacts({
  'shm.sysv_swap_bytes': {
    title: 'System V segments, in swap',
    unit: 'bytes',
    formula: 'Σ swap of /proc/sysvipc/shm',
    validity: 'our IPC namespace only; kernel 2.6.36 and later',
    reference: 'https://man7.org/linux/man-pages/man5/proc_sysvipc.5.html',
    value: (view) => {
      const segments = view.last('sysvipc-shm');
      view.used('/proc/sysvipc/shm swap');
      return segments.reduce((sum, { swap }) => {
        if (swap === undefined) throw new Unknown('/proc/sysvipc/shm does not say how much of a segment is in swap');
        return sum + swap;
      }, 0);
    },
  },
  'shm.sysv_pages_pct': {
    title: 'Size of all System V segments, against the most that there may be',
    unit: '%',
    formula: '100 × Σ ⌈size / page size⌉ / kernel.shmall',
    validity: HERE,
    reference: KERNEL,
    value: (view) => {
      const pages = view.last('sysvipc-shm').reduce((sum, { size }) => sum + Math.ceil(size / view.pageSize), 0);
      view.used('/proc/sysvipc/shm size');
      return against(view, pages, 'shmall');
    },
  },
  'shm.sysv_count': {
    title: 'System V segments',
    unit: 'count',
    formula: 'lines of /proc/sysvipc/shm',
    validity: HERE,
    value: segments,
  },
  'shm.sysv_segments_pct': {
    title: 'Number of System V segments, against the most that there may be',
    unit: '%',
    formula: '100 × segments / kernel.shmmni',
    validity: HERE,
    reference: KERNEL,
    value: (view) => against(view, segments(view), 'shmmni'),
  },
});

function segments(view: View): number {
  view.used('/proc/sysvipc/shm');
  return view.last('sysvipc-shm').length;
}

/** Used, in % of a setting; the default of shmall is near the largest number that the kernel has. @throws Unknown */
function against(view: View, used: number, name: string): number {
  const text = view.last('sysctl-vm')[`kernel.${name}`];
  view.used(`/proc/sys/kernel/${name}`);
  if (text === undefined) throw new Unknown(`/proc/sys/kernel/${name} was not read`);
  if (!/^\d{1,20}$/.test(text)) throw new Unknown(`/proc/sys/kernel/${name} is no number`);
  const most = Number(text);
  if (most === 0) throw new Unknown(`/proc/sys/kernel/${name} is 0: there can be no segment`);
  return (100 * used) / most;
}
