/** Logs in texts that people paste: the log's reader gets every line that nothing else claims. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMeantAsSnapshot, recordLines, textOfJson } from '../src/gather/kernel-log/json-records.js';
import { readLogStream } from '../src/gather/kernel-log/read.js';
import { looksLikeJson } from '../src/gather/text-input.js';
import { evidenceFromTexts } from '../src/gather/trees/text.js';

async function logOf(text: string): ReturnType<typeof readLogStream> {
  const { samples } = evidenceFromTexts([{ name: 'ticket.txt', text }]);
  const pieces = await samples.at(-1)?.tree.open?.('kernel-log.txt');
  if (!pieces) throw new Error('no log');
  return await readLogStream(pieces);
}

describe('a pasted log', () => {
  test('metalog names the kernel in brackets', async () => {
    const { log } = await logOf(
      'Feb 11 07:15:20 [kernel] [90210.100100] heron: page allocation failure: order:4, mode:0xc0d0\nFeb 11 07:15:20 [kernel] [90210.100105] Pid: 1200, comm: heron Tainted: G         C   3.8.13-heron #1\n',
    );
    expect(log.events[0]).toMatchObject({ kind: 'allocation-failure', time: 90_210.1001, trigger: { name: 'heron', pid: 1200 } });
  });

  test('the rest of a line that a terminal has broken in a word', async () => {
    const { log } = await logOf(
      [
        'Jan  4 04:04:04 px7 kernel: [99111.300200] Killed process 991 (heron) total-vm:1500200kB, anon-rs',
        's:700100kB, file-rss:4kB',
      ].join('\n'),
    );
    expect(log.events).toMatchObject([{ victims: [{ name: 'heron', anonRssBytes: 700_100 * 1024, fileRssBytes: 4096 }] }]);
  });

  test('a failed allocation below a ruled line, and broken after a word', async () => {
    const rest = [
      'allocation failure. order:5, mode:0xd0',
      'Mem-info:',
      'DMA free:824kB min:512kB low:640kB high:768kB active:6500kB inactive:1164kB',
    ];
    const { log } = await logOf(
      [`${'-'.repeat(63)}insmod: page`, ...rest, 'present:16384kB pages_scanned:0 all_unreclaimable? no'].join('\n'),
    );
    expect(log.events).toMatchObject([{ kind: 'allocation-failure', order: 5, trigger: { name: 'insmod' } }]);
    expect(log.reports).toMatchObject([{ zones: [{ zone: 'DMA', present: 16_384 * 1024 }] }]);
  });

  test('a line that was cut before the name of the victim: the table has it', async () => {
    const { log } = await logOf(
      [
        '[  40.100001] Tasks state (memory values in pages):',
        '[  40.100002] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
        '[  40.100003] [    771]     0   771     9000     4100    65536        0             0 heron',
        '[  40.100004] Killed process 771 (',
      ].join('\n'),
    );
    expect(log.events).toMatchObject([{ victims: [{ name: 'heron', pid: 771 }] }]);
  });

  test('a failure of vmalloc, which old kernels tell in two lines, is none of a page', async () => {
    const { log } = await logOf(
      [
        '[  71.100001] vmap allocation for size 4198400 failed: use vmalloc=<size> to increase size.',
        '[  71.100002] vmalloc: allocation failure: 4194304 bytes',
        '[  71.100003] insmod: page allocation failure: order:0, mode:0xd2',
        '[  71.100004] Normal free:61260kB min:1908kB low:2384kB high:2860kB present:227584kB',
      ].join('\n'),
    );
    expect(log.events.map(({ kind }) => kind)).toEqual(['vmalloc-failure', 'vmalloc-failure']);
    expect(log.events.at(-1)).toMatchObject({ bytes: 4_194_304, trigger: { name: 'insmod' }, gfpMask: '0xd2' });
  });

  test('the mask of a failed allocation that a mail program wrapped, below a comment', async () => {
    const { log } = await logOf(
      [
        '> heron:cs0: page allocation failure: order:9,',
        '',
        'That many pages!',
        '',
        '> mode:0x190cc2(GFP_HIGHUSER|__GFP_NORETRY|__GFP_NOMEMALLOC),',
        '> nodemask=(null),cpuset=/,mems_allowed=0',
      ].join('\n'),
    );
    expect(log.events).toMatchObject([{ order: 9, gfpMask: expect.stringContaining('NORETRY') as string }]);
    expect(log.events[0]?.harmless).toContain('__GFP_NORETRY');
  });

  test('a daemon that writes the host and leaves “kernel:” out', async () => {
    const { log } = await logOf(
      [
        'Nov  7 06:19:31 drowsy oom-killer: gfp_mask=0xd0',
        'Nov  7 06:19:31 drowsy DMA per-cpu:',
        'Nov  7 06:19:31 drowsy Free pages:         244kB (0kB HighMem)',
        'Nov  7 06:19:31 drowsy Active:6516 inactive:6253 dirty:0 writeback:0 unstable:0 free:61 slab:1272 mapped:951 pagetables:72',
        'Nov  7 06:19:31 drowsy DMA free:60kB min:60kB low:120kB high:180kB active:6036kB inactive:5676kB present:16384kB pages_scanned:3228 all_unreclaimable? no',
        'Nov  7 06:19:31 drowsy protections[]: 0 0 0',
        'Nov  7 06:19:31 drowsy DMA: 3*4kB 2*8kB 2*16kB 0*32kB = 60kB',
        'Nov  7 06:19:31 drowsy Swap cache: add 189759, delete 189503, find 44120/68980, race 0+0',
        'Nov  7 06:19:31 drowsy Out of Memory: Killed process 2219 (heron).',
        'Nov  7 06:19:31 drowsy postfix/master[678]: warning: process /usr/lib/postfix/qmgr pid 681 killed by signal 9',
      ].join('\n'),
    );
    expect(log.events).toMatchObject([{ kind: 'oom-kill', gfpMask: '0xd0', victims: [{ name: 'heron', pid: 2219 }] }]);
    expect(log.reports).toMatchObject([{ zones: [{ zone: 'DMA', present: 16_384 * 1024 }] }]);
  });

  test('lines that a forum has set off', async () => {
    const { log } = await logOf(
      [
        'Oct  4 21:46:17 px7 kernel: [ 1404.406178][COLOR="Red"] heron invoked oom-killer: gfp_mask=0x280d2, order=0, oomkilladj=0[/COLOR]',
        'Oct  4 21:46:17 px7 kernel: [ 1404.406179] Normal free:4440kB min:3456kB low:4320kB high:5184kB active:36kB inactive:35kB present:76kB',
        'Oct  4 21:46:17 px7 kernel: [ 1404.406180] [COLOR="Red"]Free swap  = 0kB[/COLOR]',
        'Oct  4 21:46:17 px7 kernel: [ 1404.406181] Total swap = 746980kB',
        'Oct  4 21:46:17 px7 kernel: [ 1404.406182] [b]Out of memory: kill process 771 (heron) score 5692 or a child[/b]',
        'Oct  4 21:46:17 px7 kernel: [ 1404.406183] Killed process 771 (heron)',
      ].join('\n'),
    );
    expect(log.events).toMatchObject([{ kind: 'oom-kill', trigger: { name: 'heron' }, victims: [{ name: 'heron', pid: 771 }] }]);
    expect(log.reports?.[0]?.totals).toMatchObject({ swap_free: 0, swap_total: 746_980 * 1024 });
  });

  test('an object that kmemleak shows: who made it, and where', async () => {
    const { log } = await logOf(
      [
        'unreferenced object 0xffff880010c942e8 (size 128):',
        '  comm "modprobe", pid 600, jiffies 4295120000 (age 20.500s)',
        '  hex dump (first 32 bytes):',
        '    00 00 00 00 00 00 00 00 f0 42 c9 10 00 88 ff ff  .........B......',
        '    f0 42 c9 10 00 88 ff ff 00 00 00 00 00 00 00 00  .B..............',
        '  backtrace:',
        '    [<00000000566d25b9>] kmem_cache_alloc_trace+0x127/0x220',
        '    [<000000001c60d443>] heron_probe+0x2e/0x70 [heron]',
        '    [<0000000036223fca>] do_one_initcall+0xa6/0x210',
      ].join('\n'),
    );
    expect(log.events).toMatchObject([{ kind: 'kmemleak', trigger: { name: 'modprobe', pid: 600 }, device: 'heron_probe [heron]' }]);
  });

  test('a kill that is quoted above its log is the same kill', async () => {
    const line = 'Out of memory: Killed process 771 (heron) total-vm:900000kB, anon-rss:700000kB, file-rss:4kB, shmem-rss:0kB';
    const { log } = await logOf(
      [
        'We see this:',
        line,
        '',
        '[  40.100003] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=heron,pid=771,uid=0',
        `[  40.100004] ${line}`,
        `[ 400.100004] ${line.replace('771', '772')}`,
      ].join('\n'),
    );
    expect(log.events.map(({ time, victims }) => [time, victims?.[0]?.pid])).toEqual([
      [40.100003, 771],
      [400.100004, 772],
    ]);
    expect([log.totals, log.kills]).toEqual([{ 'oom-kill': 2 }, { heron: 2 }]);
  });

  test('what another kind claims is not the log', async () => {
    const { log } = await logOf(
      [
        'MemTotal:       16303432 kB',
        'MemFree:          203432 kB',
        'MemAvailable:     303432 kB',
        '',
        '[  812.345678] kestrel invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL),',
        'order=1, oom_score_adj=0',
      ].join('\n'),
    );
    expect(log.lines).toBeGreaterThan(0);
    expect(log.events).toMatchObject([{ order: 1, trigger: { name: 'kestrel' } }]);
  });
});

test.each(['{noformat}\n[  1.5] x', '{code:title=dmesg}\n[  1.5] x', '{code}\n'])('markup of a tracker is no JSON: %j', (text) => {
  expect(looksLikeJson(Buffer.from(text))).toBe(false);
});

test.each(['{"format":"memdoctor-snapshot"', '{ }', '{broken', '{}'])('JSON, or meant as such: %j', (text) => {
  expect(looksLikeJson(Buffer.from(text))).toBe(true);
});

describe('records as JSON', () => {
  const MESSAGE = 'Out of memory: Killed process 812 (heron) total-vm:912345kB, anon-rss:701234kB, file-rss:12kB, shmem-rss:0kB';
  const record = { CODE_LINE: '12', MESSAGE, _TRANSPORT: 'kernel', __REALTIME_TIMESTAMP: '1763800000000000' };

  test.each([
    ['one line, a field of the program first', `${JSON.stringify(record)}\n`],
    ['several lines', `${JSON.stringify({ UNIT: 'a', MESSAGE: 'x' })}\n${JSON.stringify(record)}\n`],
    ['pretty', `${JSON.stringify(record, null, '\t')}\n`],
    ['several, pretty', `${JSON.stringify({ MESSAGE: 'x' }, null, 1)}\n${JSON.stringify(record, null, 1)}\n`],
    ['a list', JSON.stringify([record])],
    ['events of Kubernetes', JSON.stringify({ kind: 'List', items: [{ kind: 'Event', reason: 'OOMKilling', message: MESSAGE }] })],
    ['of a container', `${JSON.stringify({ log: `${MESSAGE}\n`, stream: 'stderr' })}\n`],
  ])('%s', async (_, text) => {
    const { log } = await logOf(text);
    expect(log.events).toMatchObject([{ kind: 'oom-kill', victims: [{ name: 'heron', pid: 812 }] }]);
  });

  test.each(['{"a":1}', '[1,2]', '{"format":"x"}', 'null', '{"HOME":"/root"}'])('other JSON is none: %s', (text) => {
    expect(textOfJson(text)).toBeNull();
  });

  test('the state of a container goes to its own reader; a snapshot is never taken for a log', () => {
    const pod = '{"terminated": {"exitCode": 137, "reason": "OOMKilled"}}';
    expect(textOfJson(pod)).toBe(pod);
    expect(isMeantAsSnapshot('{\n "format": "memdoctor-snapshot"')).toBe(true);
    expect(isMeantAsSnapshot(JSON.stringify(record))).toBe(false);
  });

  test('any text: nothing is thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => `{"MESSAGE":${text}}`),
        ),
        (text) => {
          const lines = recordLines(text);
          expect(lines === null || lines.endsWith('\n')).toBe(true);
        },
      ),
    );
  });
});
