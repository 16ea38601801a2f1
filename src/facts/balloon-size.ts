/** How much a balloon holds, whoever counts it. */
import type { Sample } from '../gather/snapshot.js';

type Sources = Sample['sources'];

/** Bytes that the drivers say themselves: VMware, Hyper-V and Xen; undefined when none does. */
export function heldByDriver({ balloon }: Sources): number | undefined {
  const parts = [balloon?.vmware?.bytes, balloon?.hyperv?.bytes, balloon?.xen?.bytes].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.reduce((sum, part) => sum + part, 0) : undefined;
}

/** Bytes in the balloon by the counters of the kernel (Balloon; balloon_inflate − balloon_deflate); undefined when it has none. */
export function heldByCounters({ meminfo, vmstat }: Sources, pageSize: number): number | undefined {
  if (meminfo?.['Balloon'] !== undefined) return meminfo['Balloon'];
  const [inflated, deflated] = [vmstat?.['balloon_inflate'], vmstat?.['balloon_deflate']];
  return inflated === undefined || deflated === undefined ? undefined : Math.max(0, inflated - deflated) * pageSize;
}

/** Bytes in the balloon: not all drivers use the counters, so the larger of the two; undefined when nobody counts. */
export function balloonHeld(sources: Sources, pageSize: number): number | undefined {
  const parts = [heldByCounters(sources, pageSize), heldByDriver(sources)].filter((part) => part !== undefined);
  return parts.length > 0 ? Math.max(...parts) : undefined;
}
