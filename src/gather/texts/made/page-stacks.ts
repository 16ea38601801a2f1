/** Call traces of whoever has pages, as page_owner prints them: who asked for them. Pure. */
import { isWork } from '../../kernel-log/subsystem.js';

/** `[<ffffffff8116147e>] ttm_pool_alloc+0x1de/0xb00 [ttm]`, ` ttm_pool_alloc+0x1de/0xb00 [ttm]`, `[0xc012b7b9] find_lock_page+25`. */
export const FRAME =
  /^\s*(?:\[<?(?:0x)?[0-9a-f]{8,16}>?\] )?([A-Za-z_][\w.]{1,100})\+(?:0x[0-9a-f]{1,8}(?:\/0x[0-9a-f]{1,8})?|\d{1,6})(?: \[(\w{1,60})\])?\s*$/;

/** The page allocator itself, and page_owner: no caller. */
const COMMON =
  /^(?:save_stack|set_page_owner|__set_page_owner|__reset_page_owner|post_alloc_hook|prep_new_page|get_page_from_freelist|_{0,3}alloc_(?:frozen_)?pages|_{0,2}get_free_pages|get_zeroed_page|alloc_page_interleave|_{0,2}folio_alloc|alloc_slab_page|split_free_page|split_map_pages)/;
/** Objects of the kernel: counted as slab, whoever wanted one. */
const SLAB = /^(?:new_slab|allocate_slab|_{0,3}slab_alloc|cache_grow|cache_alloc_refill|kmem_getpages|fallback_alloc|alloc_slab)/;
/** Pages of files and processes, which are on lines of their own. */
const COUNTED =
  /^(?:_{0,2}filemap_|_{0,2}page_cache_|pagecache_get|_{0,2}do_page_cache|ondemand_readahead|force_page_cache|grab_cache_page|add_to_page_cache|find_or_create_page|_{0,2}getblk|grow_dev_page|grow_buffers|do_anonymous_page|_{0,2}handle_mm_fault|handle_pte_fault|do_wp_page|wp_page_copy|do_cow_fault|_{0,2}do_fault|alloc_anon_folio|vma_alloc_|_{0,2}shmem_|_{0,2}read_swap_cache|swapin_|swap_cluster_read|do_swap_page|_{0,2}do_huge_pmd|collapse_huge_page|khugepaged|alloc_charge_|_{0,2}pte_alloc|_{0,2}p[mugd4]d_alloc|pgd_alloc|alloc_(?:fresh|buddy|surplus)_h|migrate_|compact|isolate_free|new_page|alloc_migration|zs_malloc|alloc_zspage)/;

function said({ name, module }: { name: string; module: string | undefined }): string {
  return module === undefined ? name : `${name} [${module}]`;
}

/** Who holds pages, in words that begin with what the pages are when other counters count them. */
export function holderOf(frames: readonly { readonly name: string; readonly module: string | undefined }[]): string {
  const asked = frames.filter(({ name }) => !COMMON.test(name));
  for (const frame of asked) {
    if (SLAB.test(frame.name)) return `slab: ${said(frame)}`;
    if (COUNTED.test(frame.name)) return `user: ${said(frame)}`;
    if (isWork(frame.name, frame.module)) return said(frame);
  }
  const [first] = asked;
  return first === undefined ? 'unknown' : said(first);
}
