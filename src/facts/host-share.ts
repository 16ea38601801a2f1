import { demandOneView } from './sums.js';
import type { View } from './view.js';

/** Bytes of the host as a share of MemTotal, in %. @throws Unknown also when /proc/meminfo is that of a container: /sys is its host's. */
export function ofHostRam(view: View, bytes: number): number {
  demandOneView(view);
  return (100 * bytes) / view.meminfo('MemTotal');
}
