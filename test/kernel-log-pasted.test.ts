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
