import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hostTree } from '../src/gather/trees/host.js';

const made: string[] = [];
const scratch = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'memdoctor-'));
  made.push(dir);
  return dir;
};
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/**
 * Mounts a file system whose server never says a word (FUSE, with nobody at the other end of the pipe): whoever looks into
 * it sleeps in the kernel until it is killed, as on a dead network mount or a process stuck with its mmap lock.
 */
const SILENT_MOUNT = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
place = sys.argv[1].encode()
server = os.open('/dev/fuse', os.O_RDWR)
options = b'fd=%d,rootmode=40000,user_id=0,group_id=0' % server
if libc.mount(b'silent', place, b'fuse', 0, options) != 0: sys.exit(1)
print('ready', flush=True)
sys.stdin.read()
libc.umount2(place, 2)
`;

async function silentMount(place: string): Promise<{ end: () => Promise<unknown> } | null> {
  const child = spawn('python3', ['-c', SILENT_MOUNT, place], { stdio: ['pipe', 'pipe', 'ignore'] });
  const gone = new Promise((resolve) => {
    child.once('exit', () => resolve(false));
    child.once('error', () => resolve(false));
  });
  const ready = new Promise((resolve) => child.stdout.once('data', () => resolve(true)));
  if ((await Promise.race([ready, gone])) !== true) return null;
  return {
    end: () => {
      child.stdin.end();
      return gone;
    },
  };
}

const zombies = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        return state === 'Z' && parent === String(process.pid);
      } catch {
        return false;
      }
    });

describe('the live host', () => {
  test('gives the files of this host, and says what is not there', async () => {
    const host = hostTree();
    const results = await host.read(['proc/meminfo', 'proc/no-such-file', 'proc', '../etc/passwd', '/proc/stat', 'proc/vmstat']);
    expect(results.map((result) => [result.path, result.status])).toEqual([
      ['proc/meminfo', 'ok'],
      ['proc/no-such-file', 'absent'],
      ['proc', 'failed'],
      ['../etc/passwd', 'failed'],
      ['/proc/stat', 'failed'],
      ['proc/vmstat', 'ok'],
    ]);
    expect(results[0]?.text).toMatch(/^MemTotal:/);
    expect(results[0]?.bytes).toBe(results[0]?.text.length);
    expect(await host.list('proc')).toContain('self');
    expect(await host.list('proc/no-such-directory')).toEqual([]);
    const facts = await host.facts();
    expect(facts.kernel).toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
    expect(facts.pageSize).toBeGreaterThanOrEqual(4096);
    expect(facts.clockTicks).toBe(100);
    await host.close();
    expect(zombies()).toEqual([]);
  });

  test('makes statfs.txt of file systems in memory only, and kernel-log.txt or the reason why not', async () => {
    const host = hostTree();
    const [mounts, log] = await host.read(['statfs.txt', 'kernel-log.txt']);
    expect(mounts?.status).toBe('ok');
    for (const line of (mounts?.text ?? '').split('\n').filter(Boolean))
      expect(line).toMatch(/^\S+ \/\S* (tmpfs|ramfs|hugetlbfs|devtmpfs) \d+ \d+ \d+ \d+ \d+ \d+$/);
    if (log?.status === 'ok') expect(log.text).toMatch(/^(<\d+>)?\[ *\d+\.\d{6}\] /);
    else expect(log?.reason).toMatch(/kmsg/);
    await host.close();
  });

  test('cuts a file at the bound, and reads many and large ones whole', async () => {
    const root = scratch();
    writeFileSync(join(root, 'large'), 'x'.repeat(3_000_000));
    for (let index = 0; index < 700; index += 1) writeFileSync(join(root, `f${index}`), `${index}`);
    const host = hostTree(root);
    const [cut] = await host.read(['large'], { maxBytes: 1000 });
    expect(cut).toMatchObject({ status: 'truncated', bytes: 1000, text: 'x'.repeat(1000) });
    const [whole] = await host.read(['large'], { maxBytes: 3_000_000 });
    expect(whole).toMatchObject({ status: 'ok', bytes: 3_000_000 });
    const many = await host.read(Array.from({ length: 700 }, (_, index) => `f${index}`));
    expect(many.map((result) => result.text)).toEqual(Array.from({ length: 700 }, (_, index) => `${index}`));
    await host.close();
  });

  test('does not follow a link out of another root', async () => {
    const root = scratch();
    mkdirSync(join(root, 'proc'));
    writeFileSync(join(root, 'proc/real'), 'inside');
    symlinkSync('real', join(root, 'proc/near'));
    symlinkSync('/etc/passwd', join(root, 'proc/far'));
    const host = hostTree(root);
    expect((await host.read(['proc/near', 'proc/far'])).map((result) => result.status)).toEqual(['ok', 'denied']);
    expect((await host.read(['kernel-log.txt']))[0]?.status).toBe('absent');
    await host.close();
  });

  test('a read that sleeps in the kernel costs itself only', async (context) => {
    const root = scratch();
    for (const dir of ['7', '8', 'sick']) mkdirSync(join(root, 'proc', dir), { recursive: true });
    for (const file of ['7/status', '8/status', 'meminfo']) writeFileSync(join(root, 'proc', file), file);
    const sick = await silentMount(join(root, 'proc/sick'));
    if (!sick) return context.skip('needs python3 and the right to mount FUSE');
    const host = hostTree(root);
    try {
      const started = performance.now();
      const hung = Array.from({ length: 6 }, () => 'proc/sick/cmdline');
      const results = await host.read(['proc/7/status', ...hung, 'proc/8/status', 'proc/meminfo']);
      expect(results.map((result) => result.status)).toEqual(['ok', ...hung.map(() => 'timeout'), 'ok', 'ok']);
      expect(results[1]?.reason).toMatch(/250 ms/);
      expect(results[6]?.reason).toMatch(/not tried/);
      expect(await host.list('proc/sick')).toEqual([]);
      // three time-outs of 250 ms, one of 2 s, and five starts of a process
      expect(performance.now() - started).toBeLessThan(6000);
    } finally {
      await host.close();
      await sick.end();
    }
    expect(zombies()).toEqual([]);
  });

  test('a reader that is killed or stopped costs one read', async () => {
    const host = hostTree();
    await host.read(['proc/stat']);
    const reader = host.readerPid();
    if (reader === undefined) throw new Error('no reader');
    process.kill(reader, 'SIGSTOP');
    const stopped = await host.read(['proc/meminfo', 'proc/vmstat'], { deadlineMs: 100 });
    expect(stopped.map((result) => result.status)).toEqual(['timeout', 'ok']);
    process.kill(host.readerPid() ?? 0, 'SIGKILL');
    const killed = await host.read(['proc/loadavg', 'proc/uptime']);
    expect(killed.map((result) => result.status)).toEqual(['failed', 'ok']);
    expect(killed[0]?.reason).toMatch(/SIGKILL/);
    await host.close();
  });

  test('several callers at once get their own answers', async () => {
    const host = hostTree();
    const [a, b, c] = await Promise.all([host.read(['proc/meminfo']), host.list('proc'), host.read(['proc/vmstat'])]);
    expect(a[0]?.text).toMatch(/^MemTotal/);
    expect(b).toContain('meminfo');
    expect(c[0]?.text).toMatch(/^nr_free_pages/);
    await host.close();
  });
});
