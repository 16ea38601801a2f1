/** What a log that was cut proves, and what tables beside it do: prints of memory without their head, kills, requests, threads of the kernel. */
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import { snapshotFromEvidence } from '../src/gather/gather.js';
import { evidenceFromTexts } from '../src/gather/trees/text.js';
import { diagnose, loadRules } from '../src/main.js';

const rules = await loadRules({ builtin: true, paths: [], disabled: [], set: [] });
const snapshotOf = (text: string) => snapshotFromEvidence(evidenceFromTexts([{ name: 'paste.txt', text }]));
const factsOf = async (text: string) => deriveFacts(await snapshotOf(text)).facts;
const reportOf = async (text: string) => diagnose(await snapshotOf(text), rules);

describe('a print of the kernel of its memory, without its head', () => {
  const zone = (free: number, file: number, slab: number): string =>
    `Feb 11 07:15:20 heron kernel: [90210.100100] Node 0 DMA32 free:${free}kB min:5000kB low:6250kB high:7500kB active_anon:60000kB inactive_anon:40000kB active_file:${file}kB inactive_file:60000kB unevictable:0kB isolated(anon):0kB isolated(file):0kB present:1500000kB mlocked:0kB dirty:32kB writeback:0kB mapped:15000kB shmem:400kB slab_reclaimable:30000kB slab_unreclaimable:${slab}kB kernel_stack:2400kB pagetables:4000kB unstable:0kB bounce:0kB writeback_tmp:0kB pages_scanned:0 all_unreclaimable? no
Feb 11 07:15:20 heron kernel: [90210.100120] lowmem_reserve[]: 0 0 0 0
Feb 11 07:15:20 heron kernel: [90210.100140] 37000 total pagecache pages
`;

  test('of which most is on no line', async () => {
    const facts = await factsOf(zone(4500, 90_000, 32_000));
    expect(facts['log.dumps']?.value).toBe(1);
    expect(facts['log.dump_unaccounted_pct']?.value).toBeCloseTo(78.47, 1);
    expect(facts['log.dump_dry']?.value).toBe(true);
    expect((await reportOf(zone(4500, 90_000, 32_000))).diagnoses[0]?.id).toBe('dx-unaccounted-driver-or-leak');
    // enough is free: no harm
    expect((await reportOf(zone(9500, 90_000, 32_000))).diagnoses).toEqual([]);
    expect((await reportOf(zone(4500, 1_190_000, 32_000))).diagnoses).toEqual([]);
  });

  test('of which most is slab, before 2.6.31 one figure', async () => {
    const old = (slab: number): string => `Feb 11 07:15:20 heron kernel: Active_anon:400 active_file:50 inactive_anon:150
Feb 11 07:15:20 heron kernel:  inactive_file:150 unevictable:1000 dirty:0 writeback:200 unstable:0
Feb 11 07:15:20 heron kernel:  free:150000 slab:${slab} mapped:800 pagetables:400 bounce:0
Feb 11 07:15:20 heron kernel: DMA free:480000kB min:4000kB low:5000kB high:6000kB active_anon:0kB inactive_anon:0kB active_file:0kB inactive_file:120kB unevictable:0kB present:2100000kB pages_scanned:0 all_unreclaimable? no
Feb 11 07:15:20 heron kernel: lowmem_reserve[]: 0 2050 2050
Feb 11 07:15:20 heron kernel: Normal free:120000kB min:4000kB low:5000kB high:6000kB active_anon:1600kB inactive_anon:600kB active_file:200kB inactive_file:480kB unevictable:4000kB present:2100000kB pages_scanned:64 all_unreclaimable? no
`;
    const facts = await factsOf(old(900_000));
    expect(facts['log.dump_slab_pct']?.value).toBeCloseTo(85.71, 1);
    expect(facts['log.dump_lists_pct']?.value).toBeLessThan(1);
    // a part of the lines is no account of the whole
    expect(facts['log.dump_unaccounted_pct']?.value).toBeNull();
    expect((await reportOf(old(900_000))).diagnoses[0]?.id).toBe('dx-slab-leak');
    expect((await reportOf(old(80_000))).diagnoses).toEqual([]);
  });

  test('of which nearly all was kept back at boot', async () => {
    const text = (reserved: number): string => `Mem-Info:
active_anon:0 inactive_anon:0 isolated_anon:0
 active_file:0 inactive_file:0 isolated_file:0
 slab_reclaimable:8 slab_unreclaimable:60
 free:0 free_pcp:0 free_cma:0
Node 5 DMA free:0kB min:0kB low:0kB high:0kB present:41943040kB managed:120000kB all_unreclaimable? yes
655360 pages RAM
0 pages HighMem/MovableOnly
${reserved} pages reserved
`;
    const [first] = (await reportOf(text(653_485))).diagnoses;
    expect(first).toMatchObject({ id: 'dx-boot-limited', summary: expect.stringContaining('was kept back') });
    expect((await reportOf(text(30_000))).diagnoses.map(({ id }) => id)).not.toContain('dx-boot-limited');
  });
});

test('requests to block devices of which no disk could hold so many', async () => {
  const table = (bios: number): string => ` Active / Total Size (% used)       : 1250000.50K / 1260000.00K (99.2%)
 Minimum / Average / Maximum Object : 0.02K / 0.08K / 128.00K

  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME
${bios} ${bios}  99%    0.12K ${Math.ceil(bios / 31)}       31    ${Math.ceil(bios / 31) * 4}K bio
 30000  30000 100%    0.09K    667       45      2668K buffer_head
 14000  14000 100%    0.52K   2000        7      8000K radix_tree_node
`;
  expect((await factsOf(table(9_000_000)))['slab.bios']?.value).toBe(9_000_000);
  const [first] = (await reportOf(table(9_000_000))).diagnoses;
  expect(first).toMatchObject({ id: 'dx-slab-leak', severity: 'notice', owner: { name: 'bio' } });
  expect((await reportOf(table(40_000))).diagnoses.map(({ id }) => id)).not.toContain('dx-slab-leak');
});

test('kswapd that works for a third of a CPU, of one moment, does not go with “nothing is wrong”', async () => {
  const text = (share: string): string => `  9:30am  up 25 min,  1 user,  load average: 3.10, 1.60, 0.80
Mem:  4000000K av, 3900000K used,  100000K free,       0K shrd,     300K buff
Swap: 4200000K av,       0K used, 4200000K free                 3500000K cached

  PID USER     PRI  NI  SIZE  RSS SHARE STAT %CPU %MEM   TIME COMMAND
 1200 root      19   0  6000 6000   500 R    60.1  0.1   0:45 dd
    5 root      20   0     0    0     0 RW   ${share}  0.0   0:30 kswapd

             total       used       free     shared    buffers     cached
Mem:       4000000    3880000     120000          0        300    3500000
-/+ buffers/cache:     379700    3620300
Swap:      4200000          0    4200000
`;
  expect((await reportOf(text('34.2'))).verdict.status).toBe('inconclusive');
  expect((await reportOf(text(' 2.0'))).verdict.status).toBe('healthy');
});

test('a process that was killed while it locked its memory', async () => {
  const text = (entry: string, name: string): string => `Out of Memory: Killed process 1200 (locker).
${name}: page allocation failure. order:0, mode:0xd2
 [<c0141000>] __alloc_pages+0x2d0/0x340
 [<c014d000>] do_anonymous_page+0x70/0x1d0
 [<c014e000>] mlock_fixup+0xb0/0xc0
 [<c014e100>] ${entry}+0xd0/0xe0
 [<c0106000>] syscall_call+0x7/0xb
`;
  const [first] = (await reportOf(text('do_mlock', 'locker'))).diagnoses;
  expect(first).toMatchObject({ id: 'dx-mlock', summary: expect.stringContaining('was locking its memory') });
  expect((await factsOf(text('do_mlock', 'other')))['log.oom_locked_its_own']?.value).toBe(false);
  expect((await factsOf(text('do_munmap', 'locker')))['log.oom_locked_its_own']?.value).toBe(false);
});
