import type { SourceData } from '../gather/snapshot.js';

/** What of the ZFS cache lies in pages that it took from the page allocator itself. */
export interface ArcPages {
  readonly bytes: number;
  /** False when only the size of the whole cache is known: some of it lies in slab and vmalloc, which other counters show. */
  readonly exact: boolean;
}

/** From scatter_data_size and scatter_chunk_waste of abdstats; from the size of the cache where that was not read. */
export function arcPages({ arc, abd }: SourceData<'arcstats'>): ArcPages {
  const scattered = abd?.['scatter_data_size'];
  if (scattered !== undefined) return { bytes: Math.max(0, scattered + (abd?.['scatter_chunk_waste'] ?? 0)), exact: true };
  return { bytes: Math.max(0, arc['size'] ?? 0), exact: false };
}
