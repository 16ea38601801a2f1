/** Kernel logs in all the ways they are written and damaged: what is taken off, what is joined, what the clocks say. */
import { Buffer } from 'node:buffer';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { framer } from '../src/gather/kernel-log/frame.js';
import { type LogLine, takePrefix } from '../src/gather/kernel-log/prefix.js';
import { readLog, readLogStream } from '../src/gather/kernel-log/read.js';
import { kernelLogSchema } from '../src/gather/kernel-log/schema.js';
import { loadInput } from '../src/gather/snapshot-io.js';

const validate = new Ajv2020({ strict: true }).addVocabulary(['x-unit']).compile(kernelLogSchema);

function records(text: string): LogLine[] {
  const found: LogLine[] = [];
  const frame = framer(
    (record) => found.push(record),
    (line) => line,
  );
  for (const line of text.split('\n')) frame.line(line);
  frame.end();
  return found;
}
const texts = (text: string): string[] => records(text).map((record) => record.text);

/** The ways to write a line, each with what is known of it then. */
const STYLES: readonly (readonly [name: string, write: (text: string) => string, known: Partial<LogLine>])[] = [
  ['nothing', (text) => text, { time: null, style: 'plain' }],
  ['dmesg', (text) => `[  812.345678] ${text}`, { time: 812.345678, style: 'printk' }],
  ['dmesg -r', (text) => `<4>[  812.345678] ${text}`, { time: 812.345678 }],
  ['dmesg -x', (text) => `kern  :warn  : [  812.345678] ${text}`, { time: 812.345678 }],
  ['dmesg -d', (text) => `[  812.345678 <    0.000012>] ${text}`, { time: 812.345678 }],
  ['dmesg -T', (text) => `[Sat Mar  7 04:05:06 2026] ${text}`, { time: null, wallTime: '2026-03-07T04:05:06', style: 'dmesg -T' }],
  ['dmesg -T in German', (text) => `[Mo Mär  9 04:05:06 2026] ${text}`, { time: null, style: 'dmesg -T' }],
  ['dmesg -T in Japanese', (text) => `[土  3月  7 04:05:06 2026] ${text}`, { time: null, style: 'dmesg -T' }],
  ['dmesg -H', (text) => `[Mar 7 04:05] ${text}`, { time: null, style: 'dmesg -T' }],
  ['dmesg -H, an interval', (text) => `[  +0.000012] ${text}`, { time: null, style: 'dmesg -T' }],
  ['dmesg iso', (text) => `2026-03-07T04:05:06,345678+01:00 ${text}`, { time: null, wallTime: '2026-03-07T04:05:06.345678+01:00' }],
  ['a caller', (text) => `[  812.345678][  T417] ${text}`, { time: 812.345678, caller: 'T417' }],
  ['a CPU as caller', (text) => `[  812.345678][    C3] ${text}`, { time: 812.345678, caller: 'C3' }],
  ['kmsg', (text) => `4,771,812345678,-;${text}`, { time: 812.345678, style: 'kmsg' }],
  ['kmsg with caller', (text) => `4,771,812345678,-,caller=T417;${text}`, { time: 812.345678, caller: 'T417' }],
  ['journalctl short', (text) => `Mar 07 04:05:06 web-3 kernel: ${text}`, { time: null, style: 'syslog' }],
  ['journalctl short-precise', (text) => `Mar 07 04:05:06.345678 web-3 kernel: ${text}`, { time: null, style: 'syslog' }],
  [
    'journalctl short-iso',
    (text) => `2026-03-07T04:05:06+0100 web-3 kernel: ${text}`,
    { time: null, wallTime: '2026-03-07T04:05:06+01:00' },
  ],
  [
    'journalctl short-full',
    (text) => `Sat 2026-03-07 04:05:06 UTC web-3 kernel: ${text}`,
    { time: null, wallTime: '2026-03-07T04:05:06Z', style: 'syslog' },
  ],
  ['journalctl short-monotonic', (text) => `[  812.345678] web-3 kernel: ${text}`, { time: 812.345678, style: 'syslog' }],
  ['journalctl short-unix', (text) => `1772856306.345678 web-3 kernel: ${text}`, { time: null, wallTime: '2026-03-07T04:05:06.345678Z' }],
  ['syslog', (text) => `Mar  7 04:05:06 web-3 kernel: [  812.345678] ${text}`, { time: 812.345678, style: 'syslog' }],
  [
    'syslog with year',
    (text) => `2026 Mar  7 04:05:06 web-3 kernel: [  812.345678] ${text}`,
    { time: 812.345678, wallTime: '2026-03-07T04:05:06' },
  ],
  ['syslog with year after the day', (text) => `Mar  7 2026 04:05:06 web-3 kernel: ${text}`, { wallTime: '2026-03-07T04:05:06' }],
  ['rsyslog', (text) => `2026-03-07T04:05:06.345678+01:00 web-3 kernel: [  812.345678] ${text}`, { time: 812.345678 }],
  ['RFC 5424', (text) => `<4>1 2026-03-07T04:05:06.345678Z web-3 kernel - - - ${text}`, { wallTime: '2026-03-07T04:05:06.345678Z' }],
  ['busybox', (text) => `Mar  7 04:05:06 web-3 user.warn kernel: [  812.345678] ${text}`, { time: 812.345678 }],
  ['a date and a facility', (text) => `Mar  7 04:05:06 user.warn kernel: [  812.345678] ${text}`, { time: 812.345678 }],
  [
    'OpenWrt',
    (text) => `Sat Mar  7 04:05:06 2026 kern.warn kernel: [  812.345678] ${text}`,
    { time: 812.345678, wallTime: '2026-03-07T04:05:06' },
  ],
  ['socklog', (text) => `kern.warn: Mar  7 04:05:06 kernel: [  812.345678] ${text}`, { time: 812.345678, style: 'syslog' }],
  ['socklog, by directory', (text) => `kern: kern.err: Mar  7 04:05:06 kernel: ${text}`, { time: null, style: 'syslog' }],
  ['a host', (text) => `web-3 kernel: [  812.345678] ${text}`, { time: 812.345678 }],
  ['a wall message', (text) => ` kernel:[  812.345678] ${text}`, { time: 812.345678 }],
  [
    'a container',
    (text) => `2026-03-07T04:05:06.345678901Z stderr F [  812.345678] ${text}`,
    { time: 812.345678, wallTime: '2026-03-07T04:05:06.345678901Z' },
  ],
  ['logcat', (text) => `03-07 04:05:06.345  root     0     0 W KERNEL  : [  812.345678] ${text}`, { time: 812.345678, style: 'logcat' }],
  ['logcat -v threadtime', (text) => `03-07 04:05:06.345     0     0 W kernel  : ${text}`, { time: null, style: 'logcat' }],
  ['Android kmsg', (text) => `<6>[  812.345678,cpu3] ${text}`, { time: 812.345678 }],
  ['MediaTek', (text) => `<6>[  812.345678]  (2)[417:kswapd0]${text}`, { time: 812.345678, caller: 'T417' }],
  ['Samsung', (text) => `<6>[  812.345678]  [2:        kswapd0:  417] ${text}`, { time: 812.345678, caller: 'T417' }],
  ['the real-time clock', (text) => `<6>[  812.345678 / 03-07 04:05:06.345] ${text}`, { time: 812.345678 }],
  ['a bracket that was not copied', (text) => `  812.345678] ${text}`, { time: 812.345678 }],
  ['the time of day', (text) => `04:05:06 kernel: ${text}`, { time: null, style: 'syslog' }],
  ['a date without a host', (text) => `Mar  7 04:05:06 kernel: ${text}`, { time: null, style: 'syslog' }],
  ['a host that was hidden', (text) => `Mar  7 04:05:06 [host] kernel: [  812.345678] ${text}`, { time: 812.345678, style: 'syslog' }],
  ['another', (text) => `Mar  7 04:05:06 <redacted> kernel: ${text}`, { time: null, style: 'syslog' }],
  [
    'talosctl',
    (text) => `192.0.2.7: kern: warning: [2026-03-07T04:05:06.345678Z]: ${text}`,
    { time: null, wallTime: '2026-03-07T04:05:06.345678Z', style: 'dmesg -T' },
  ],
  ['a date in brackets', (text) => `[2026-03-07 04:05:06 UTC] kernel: ${text}`, { time: null, wallTime: '2026-03-07T04:05:06Z' }],
  ['dmesg -T, the day first', (text) => `[sam. 7 mars 04:05:06 2026] ${text}`, { time: null, style: 'dmesg -T' }],
  [
    'what a hypervisor relays of its guest',
    (text) => `2026-03-07T04:05:06.345Z In(05) vcpu-2 - Guest: <6>[30812345.345678] ${text}`,
    { time: 30_812_345.345678, wallTime: '2026-03-07T04:05:06.345Z' },
  ],
  ['an unknown shipper', (text) => `tenant=7 rack4 | [  812.345678] ${text}`, { time: 812.345678 }],
];

const message = fc.oneof(
  fc.constantFrom(
    'kestrel invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
    'Out of memory: Killed process 4711 (kestrel) total-vm:812kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB',
    'Node 0 DMA32 free:812kB boost:0kB min:4kB low:8kB high:12kB',
    'swapper/0: page allocation failure: order:5, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO)',
  ),
  fc
    .tuple(fc.constantFrom('alpha', 'Beta:', 'gamma=1', 'kworker/u8:2:'), fc.string({ unit: 'grapheme-ascii', maxLength: 60 }))
    .map((parts) => parts.join(' ').trimEnd()),
);

describe('a prefix', () => {
  test.each(STYLES)('%s', (_, write, known) => {
    fc.assert(
      fc.property(message, (text) => {
        expect(takePrefix(write(text))).toMatchObject({ text, program: null, ...known });
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['Mar  7 04:05:06 web-3 earlyoom[612]: sending', 'earlyoom'],
    ['2026-03-07T04:05:06+01:00 web-3 systemd-oomd[88]: sending', 'systemd-oomd'],
    ['[  812.345678] web-3 systemd-oomd[88]: sending', 'systemd-oomd'],
    ['Sat Mar  7 04:05:06 2026 daemon.notice earlyoom[9]: sending', 'earlyoom'],
    ['03-07 04:05:06.345   417   418 I lowmemorykiller: sending', 'lowmemorykiller'],
    ['I/lowmemorykiller(  417): sending', 'lowmemorykiller'],
    ['<30>1 2026-03-07T04:05:06Z web-3 earlyoom 612 - - sending', 'earlyoom'],
  ])('names the program: %s', (line, program) => {
    expect(takePrefix(line)).toMatchObject({ program, text: 'sending' });
  });
});

const KILLED =
  'Out of memory: Killed process 4711 (kestrel) total-vm:8123456kB, anon-rss:7123456kB, file-rss:12kB, shmem-rss:0kB, UID:1000 pgtables:15000kB oom_score_adj:0';
const INVOKED = 'kestrel invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0';
const ZONE =
  'Node 0 DMA32 free:11980kB boost:0kB min:5640kB low:7048kB high:8456kB reserved_highatomic:0KB active_anon:4kB inactive_anon:1700000kB active_file:40kB inactive_file:0kB unevictable:0kB writepending:0kB present:2080632kB managed:2014992kB mlocked:0kB bounce:0kB free_pcp:1204kB local_pcp:0kB free_cma:0kB';
const FREE =
  'Node 0 Normal: 31*4kB (UME) 20*8kB (UM) 11*16kB (UME) 41*32kB (U) 3*64kB (UE) 1*128kB (M) 0*256kB 0*512kB 0*1024kB 1*2048kB (M) 0*4096kB = 4140kB';
const CONSTRAINT =
  'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice/user-1000.slice/session-5.scope,task=kestrel,pid=4711,uid=1000';
const HEADER = '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name';
const ROWS = [
  '[    417]     0   417    12345      678    94208       12             0 kestrel',
  '[   4711]  1000  4711  2030864  1780864 15360000        0           200 heron-worker',
];
const REPORT = [
  INVOKED,
  'Mem-Info:',
  ZONE,
  'lowmem_reserve[]: 0 0 0 0 0',
  FREE,
  '1234 total pagecache pages',
  HEADER,
  ...ROWS,
  CONSTRAINT,
  KILLED,
];

/** As mail wraps it: at the last blank before the column, else after the first word. */
function mailed(line: string, column: number): string {
  const parts: string[] = [];
  let part = '';
  for (const word of line.split(' ')) {
    if (part !== '' && part.length + 1 + word.length > column) {
      parts.push(part);
      part = word;
    } else part = parts.length === 0 && part === '' ? word : `${part} ${word}`;
  }
  return [...parts, part].map((text) => text.trimStart()).join('\n');
}
/** As a terminal cuts it. */
const cut = (line: string, width: number): string => (line.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n');
const squeezed = (lines: readonly string[]): string[] => lines.map((line) => line.replaceAll(/ +/g, ' ').trim());

describe('what others have made of a log', () => {
  const KILL = 'Out of memory: Killed process 4711 (kestrel) total-vm:812kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB';

  test.each([
    `  Warning  OOMKilling  3m  kernel-monitor  ${KILL}`,
    `[Node agent] [812.345] ${KILL}`,
    `    "message": "${KILL}",`,
    `{"text":"x","message":"${KILL}"}`,
  ])('the sentence of the kernel in it: %s', (line) => {
    expect(texts(line)[0]).toContain(KILL);
    expect(readLog(line).events).toMatchObject([{ kind: 'oom-kill', victims: [{ name: 'kestrel', pid: 4711 }] }]);
  });

  test('a table of Markdown', () => {
    expect(texts(`| [  812.345678] | ${KILL} |`)).toEqual([KILL]);
  });

  test('records in one line', () => {
    const stamped =
      '[  812.345678] kestrel invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0 [  812.345701] CPU: 1 PID: 7 Comm: kestrel';
    expect(texts(stamped)).toEqual(['kestrel invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0', 'CPU: 1 PID: 7 Comm: kestrel']);
    const syslog = 'Mar  7 04:05:06 web-3 kernel: Out of Memory: Killed process 31 (heron). Mar  7 04:05:07 web-3 kernel: eth0: link up';
    expect(texts(syslog)).toEqual(['Out of Memory: Killed process 31 (heron).', 'eth0: link up']);
    const trace = '[  812.345678]  [<ffffffff81026ec6>] mm_fault_error+0xb6/0x1a0 [<ffffffff8102739e>] do_page_fault+0x3ee/0x460';
    expect(texts(trace)).toHaveLength(1);
  });

  test('quoted-printable mail', () => {
    const mail = [
      'It went on until the box was out of everything that one could think of, b=',
      'ut then:=20',
      '> [  812.345678] kestrel invoked oom-killer: gfp_mask=3D0x140cca(GFP_HIGHUS=',
      'ER_MOVABLE|__GFP_COMP), order=3D2, oom_score_adj=3D0',
      '> [  812.345690] CPU: 1 PID: 417 Comm: kestrel Not tainted 6.6.1-r=',
      'c4+ #1',
      '> [  812.345699] =C2=A0[<ffffffff81026ec6>] ? out_of_memory+0x12b/0x142=0A=',
      '> [  812.345702] Out of memory: Killed process 4711 (heron) total-vm:8123=',
      '456kB, anon-rss:7123456kB, file-rss:12kB, shmem-rss:0kB',
    ].join('\n');
    const log = readLog(mail);
    expect(log.kernel).toBe('6.6.1-rc4+');
    expect(log.events).toMatchObject([
      {
        gfpMask: '0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)',
        order: 2,
        trigger: { name: 'kestrel', pid: 417 },
        victims: [{ name: 'heron', totalVmBytes: 8_123_456 * 1024, anonRssBytes: 7_123_456 * 1024 }],
      },
    ]);
  });

  test.each([
    'kestrel invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=3',
    'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),task=kestrel,pid=2011,uid=1000',
    'nfs: mount opts addr=DEADBEEF, id=C0FFEE',
    'a=20b=3Dc',
  ])('what is not quoted-printable stays: %s', (line) => {
    expect(texts(line)).toEqual([line]);
  });

  test('a terminal breaks a line after a name', () => {
    const line = '[  812.345678] kestrel invoked oom-killer: gfp_mask=0xcc0(GFP), order=';
    expect(texts(`${line}\n2, oom_score_adj=0`)[0]).toMatch(/order= ?2, oom_score_adj=0$/);
  });

  test('the rest of the first line was left out', () => {
    expect(readLog('[  812.345678] kestrel invoked oom-killer\n[  812.345699] Mem-Info:').events).toMatchObject([
      { trigger: { name: 'kestrel' } },
    ]);
    expect(readLog('we saw that kestrel invoked oom-killer\nthen it hung').events).toEqual([]);
  });

  test('cut: a size, a line of pages', () => {
    const kill = readLog('[  8.345678] Killed process 31 (heron) total-vm:812kB, anon-rss:4kB, file-rss:9k').events[0];
    expect(kill?.victims?.[0]).toMatchObject({ fileRssBytes: 9 * 1024 });
    const old = readLog('oom-killer: gfp_mask=0xd0\nActive:2952 inactive:2911 dirty:0 writeback:0 free:76 slab:262 map');
    expect(old.reports?.[0]?.totals).toMatchObject({ active: 2952 * 4096, slab: 262 * 4096 });
  });

  test('what uname told', () => {
    expect(readLog('Linux web-3 6.1.0-21-amd64 #1 SMP PREEMPT_DYNAMIC Debian x86_64 GNU/Linux\n').kernel).toBe('6.1.0-21-amd64');
    expect(readLog('Linux users of 6.1 say #1\n').kernel).toBeUndefined();
  });
});

describe('a wrapped log', () => {
  test.each([72, 76, 80])('is joined: mail of %i columns', (column) => {
    for (const stamp of ['[  812.345678] ', 'Mar  7 04:05:06 web-3 kernel: [  812.345678] ', '4,771,812345678,-;', '']) {
      const text = REPORT.map((line) => mailed(stamp + line, column)).join('\n');
      expect(squeezed(texts(text)), stamp).toEqual(squeezed(REPORT));
    }
  });

  test.each([80, 100, 132])('is joined: a terminal of %i columns', (width) => {
    for (const stamp of ['[  812.345678] ', '']) {
      const text = REPORT.map((line) => cut(stamp + line, width)).join('\n');
      expect(squeezed(texts(text)), stamp).toEqual(squeezed(REPORT));
    }
  });

  test('is not joined to what follows', () => {
    const text = `[  812.345678] ${KILLED.slice(0, 50)}\n\nWhat can I do about it?\n[  812.345679] Mem-Info:\n[  813.000000] short\nplain`;
    expect(texts(text)).toEqual([KILLED.slice(0, 50), 'What can I do about it?', 'Mem-Info:', 'short', 'plain']);
  });

  test('joins a mask that was cut', () => {
    expect(texts('kestrel: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_\nCOMP|__GFP_ZERO), nodemask=(null)')).toEqual([
      'kestrel: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=(null)',
    ]);
  });
});

describe('damage on the way', () => {
  test.each([
    ['carriage returns', `[  812.345678] ${KILLED}\r\r\n`],
    ['colours', `\u001B[33m[  812.345678] \u001B[0m\u001B[1m${KILLED}\u001B[0m`],
    ['colours that rsyslog escaped', `Mar  7 04:05:06 web-3 kernel: [  812.345678] #033[33m${KILLED}#033[0m`],
    ['quotes', `> > [  812.345678] ${KILLED}`],
    ['indentation', `    [  812.345678] ${KILLED}`],
    ['a fence', `\`\`\`text\n[  812.345678] ${KILLED}\n\`\`\``],
    ['entities', `&lt;4&gt;[&nbsp; 812.345678] ${KILLED}`],
    ['non-breaking spaces', `[  812.345678]\u00A0${KILLED.replaceAll(' ', '\u00A0')}`],
    ['a byte order mark', `\uFEFF[  812.345678] ${KILLED}`],
    ['zeros that a crash left', `\0\0\0[  812.345678] ${KILLED}`],
  ])('%s', (_, text) => {
    expect(records(text)).toMatchObject([{ time: 812.345678, text: KILLED, program: null }]);
  });

  test('a record of several lines', () => {
    const two = [
      { time: 812.345678, text: 'active_anon:1 inactive_anon:2' },
      { time: 812.345678, text: ' free:3 free_pcp:0' },
    ];
    expect(records('Mar  7 04:05:06 web-3 kernel: [  812.345678] active_anon:1 inactive_anon:2#012 free:3 free_pcp:0')).toMatchObject(two);
    expect(
      records('4,7,812345678,-,caller=T9;active_anon:1 inactive_anon:2\\x0a free:3 free_pcp:0\n SUBSYSTEM=pci\n DEVICE=+pci:0000'),
    ).toMatchObject(two.map((line) => ({ ...line, caller: 'T9' })));
    expect(records('[  812.345678] active_anon:1 inactive_anon:2\n                free:3 free_pcp:0')).toMatchObject([
      two[0],
      { time: 812.345678 },
    ]);
  });
});

const FIELDS = {
  __CURSOR: 's=1;i=2',
  __REALTIME_TIMESTAMP: '1772856306345678',
  __MONOTONIC_TIMESTAMP: '812999999',
  _SOURCE_MONOTONIC_TIMESTAMP: '812345678',
  _TRANSPORT: 'kernel',
  SYSLOG_IDENTIFIER: 'kernel',
  _HOSTNAME: 'web-3',
};
const KNOWN = { time: 812.345678, wallTime: '2026-03-07T04:05:06.345678Z', program: null, text: KILLED, style: 'journal' };

describe('the journal', () => {
  test('json', () => {
    expect(records(JSON.stringify({ ...FIELDS, MESSAGE: KILLED }))).toEqual([KNOWN]);
    expect(records(JSON.stringify({ ...FIELDS, MESSAGE: [...Buffer.from(`${KILLED}\nand more`)] })).map(({ text }) => text)).toEqual([
      KILLED,
      'and more',
    ]);
    expect(records(JSON.stringify({ ...FIELDS, _TRANSPORT: 'stdout', SYSLOG_IDENTIFIER: 'earlyoom', MESSAGE: 'x' }))).toMatchObject([
      { program: 'earlyoom' },
    ]);
  });

  test('export', () => {
    const fields = Object.entries(FIELDS).map(([name, value]) => `${name}=${value}\n`);
    expect(records(`${fields.join('')}MESSAGE=${KILLED}\n\n${fields.join('')}MESSAGE=second`)).toEqual([
      KNOWN,
      { ...KNOWN, text: 'second' },
    ]);
  });

  test('export with a field of bytes', async () => {
    const fields = Object.entries(FIELDS).map(([name, value]) => `${name}=${value}\n`);
    const body = Buffer.from(`${KILLED}\n\nand more`);
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(body.length));
    const bytes = Buffer.concat([Buffer.from(`${fields.join('')}MESSAGE\n`), size, body, Buffer.from('\n_PID=1\n\n')]);
    const { log } = await readLogStream(Readable.from([bytes], { objectMode: true }));
    expect(log).toMatchObject({ from: 'journal', firstTime: 812.345678, bootWallTime: '2026-03-07T03:51:34.000Z' });
    expect(log.events).toHaveLength(1);
  });
});

describe('the clocks', () => {
  test('both in a line tell when the host was booted', () => {
    expect(readLog('2026-03-07T04:05:06.500000+01:00 web-3 kernel: [  806.500000] x')).toMatchObject({
      firstTime: 806.5,
      bootWallTime: '2026-03-07T02:51:40.000Z',
      firstWallTime: '2026-03-07T04:05:06.500000+01:00',
    });
    expect(readLog('Mar  7 04:05:06 web-3 kernel: [  806.5] x')).not.toHaveProperty('bootWallTime');
    expect(readLog('2026 Mar  7 04:05:06 web-3 kernel: [  806.500000] x').bootWallTime).toBe('2026-03-07T03:51:39.500');
  });

  test('boots are counted', () => {
    const boot = '[    0.000000] Linux version 6.1.0-13-amd64 (a@b) #1\n[    5.000000] x\n[  900.000000] y\n';
    expect(readLog(boot)).not.toHaveProperty('boots');
    expect(readLog(boot)).toMatchObject({ kernel: '6.1.0-13-amd64' });
    expect(readLog(boot + boot)).toMatchObject({ boots: 2, lastTime: 900 });
    expect(readLog('[  900.000000] y\n[    5.000000] x\n[    4.999999] z')).toMatchObject({ boots: 2 });
    expect(readLog('[  900.000000] y\n[  899.999999] x')).not.toHaveProperty('boots');
  });

  test.each([
    'CPU: 3 PID: 77 Comm: kestrel Not tainted 5.15.0-91-generic #101-Ubuntu',
    'CPU: 3 UID: 0 PID: 77 Comm: kestrel Tainted: G        W  OE      5.15.0-91-generic #101-Ubuntu',
    'Pid: 77, comm: kestrel Not tainted 5.15.0-91-generic #101-Ubuntu',
  ])('the release: %s', (line) => {
    expect(readLog(`[  812.345678] ${line}`).kernel).toBe('5.15.0-91-generic');
  });
});

const NOISE = Array.from(
  { length: 3000 },
  (_, line) => `[  ${100 + line}.000000] usb 1-${line % 4}: new high-speed device number ${line % 120}`,
);
const FIXTURES = 'test/sources/kernel-log';

describe('a big log', () => {
  test.each(readdirSync(FIXTURES).filter((name) => name.endsWith('.txt')))('%s is not passed over among other lines', (name) => {
    const text = readFileSync(`${FIXTURES}/${name}`, 'utf8');
    const alone = readLog(text);
    const among = readLog([...NOISE, '', text, '', ...NOISE].join('\n'));
    expect(among.events.map(({ kind }) => kind)).toEqual(alone.events.map(({ kind }) => kind));
    expect(among.totals).toEqual(alone.totals);
    expect(among.reports?.map(({ zones, tasks }) => [zones.length, tasks?.count])).toEqual(
      alone.reports?.map(({ zones, tasks }) => [zones.length, tasks?.count]),
    );
    expect(among.lastTime).toBe(3099);
  });

  test('is the same in pieces of any size', async () => {
    const text = [...NOISE.slice(0, 500), ...REPORT.map((line) => `[ 9000.000000] ${line} é`), ...NOISE.slice(0, 500)].join('\r\n');
    const whole = readLog(text);
    const bytes = Buffer.from(text);
    for (const size of [1, 7, 1000, 65_536]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
      expect((await readLogStream(Readable.from(pieces))).log).toEqual(whole);
    }
  });

  test('a line of 30 MB is passed over', async () => {
    const long = Array.from({ length: 30 }, () => Buffer.alloc(1_000_000, 'x'));
    const pieces = [...long, Buffer.from(`\n[ 5.000000] ${KILLED}\n`)];
    const { log } = await readLogStream(Readable.from(pieces));
    expect(log).toMatchObject({ lines: 2, lastTime: 5 });
    expect(log.events).toHaveLength(1);
  });

  test('that fails half-way is read to there', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`[ 5.000000] ${KILLED}\n`);
      throw Object.assign(new Error('x'), { code: 'EIO' });
    }
    expect(await readLogStream(broken())).toMatchObject({ fault: 'EIO', log: { lastTime: 5 } });
  });
});

describe('anything', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...REPORT,
      ...STYLES.map(([, write]) => write(INVOKED)),
      '\n',
      '\r\n',
      '\n\n',
      '__CURSOR=x\n',
      'MESSAGE\n',
      '{"MESSAGE":[1,2]}',
      '> ',
      '#012',
      '\\x0a',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  test('any text gives what the schema accepts', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(validate(readLog(pieces.join(''))), JSON.stringify(validate.errors)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
  test('any bytes give what the schema accepts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), async (pieces) => {
        expect(validate((await readLogStream(Readable.from(pieces, { objectMode: true }))).log)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('an input that is text', () => {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-log-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const load = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(dir, name), content);
    return loadInput(join(dir, name));
  };

  test('is read as a kernel log', async () => {
    const text = `[    0.000000] Linux version 6.1.0-13-amd64 (a@b) #1\n[  812.345678] ${INVOKED}\n[  812.345679] ${KILLED}\n`;
    const snapshot = await load('dmesg.txt', text);
    expect(snapshot.subject).toMatchObject({ origin: 'text', kernel: '6.1.0-13-amd64', arch: 'x86_64' });
    expect(snapshot.samples[0]?.sources['kernel-log']?.events).toHaveLength(1);
    const windows = await load('utf16.txt', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]));
    expect(windows.samples).toEqual(snapshot.samples);
    const json = await load('journal.json', `${JSON.stringify({ ...FIELDS, MESSAGE: KILLED })}\n`);
    expect(json.samples[0]?.sources['kernel-log']?.events).toHaveLength(1);
  });

  test('of another kind is refused in one line', async () => {
    await expect(load('a.txt', 'Dear all,\nmy host is slow.\n')).rejects.toThrow(
      /^.{1,200}a\.txt: nothing in it was recognised; accepted are .{0,200}a kernel log/,
    );
    await expect(load('b.txt', '[1, 2, 3]')).rejects.toThrow(/holds a list/);
    await expect(load('c.txt', '\n \n')).rejects.toThrow(/is empty/);
    await expect(load('d.txt', Buffer.from([0, 1, 2, 3, 4, 0, 0]))).rejects.toThrow(/is binary/);
  });
});
