import { defineFamily, textAs } from './family.js';

/** mm/swapfile.c, mm/page_io.c, fs/iomap/swapfile.c, drivers/block/zram/zram_drv.c, mm/zswap.c. */
export default defineFamily({
  begins: [
    'swap',
    '_swap_info_get: ',
    '__swap_info_get: ',
    'get_swap_device: ',
    'Read-error on ',
    'Write-error on ',
    'Unable to find swap',
    'Unable to handle swap',
    'Swap area ',
    'Empty swap-file',
    'Decompression error',
    'zram',
    'zswap: ',
  ],
  sayings: [
    {
      kind: 'swap-error',
      pattern:
        /^(?:swap: )?(?:_{0,2}swap_info_get|swap_free|swap_dup|swap_duplicate|get_swap_device|swap_entry_free): (?:Bad|Unused) swap (?:file|offset) entry/,
    },
    {
      kind: 'swap-error',
      pattern: /^(?:Read|Write)-error on (?:dax )?swap-(?:device|file) \(?(\d{1,5}:\d{1,10})/,
      tells: ([, device]) => textAs('device', device),
      alike: ([all]) => all,
    },
    {
      kind: 'swap-error',
      pattern:
        /^(?:Unable to find swap-space signature|Unable to handle swap header version|Swap area shorter than signature|Empty swap-file|swapon: |Decompression error from zswap)/,
    },
    {
      kind: 'swap-error',
      pattern: /^(zram\d{0,4}): (?:Error allocating memory|Unable to allocate temp memory|(?:Dec|C)ompression failed)/,
      tells: ([, device]) => textAs('device', device),
    },
    { kind: 'swap-error', pattern: /^zswap: .{0,80}(?:[Dd]ecompress\w{0,4} (?:failed|error)|pool creation failed)/ },
  ],
});
