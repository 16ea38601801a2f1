import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../src/facts/derive.js';
import type { Sample } from '../src/gather/snapshot.js';

const MIB = 1 << 20;
const valueOf = (name: string, sources: Sample['sources']) =>
  deriveFacts({
    format: 'memdoctor-snapshot',
    schemaVersion: '1.0',
    memdoctorVersion: '0',
    subject: { hostname: null, kernel: '6.1.0', arch: null, capturedAt: null, origin: 'snapshot', pageSize: 4096, clockTicks: 100 },
    samples: [{ time: null, monotonic: 100, sources }],
    sources: {},
  }).facts[name]?.value;

const segment = {
  key: 0,
  shmid: 7,
  size: 64 * MIB,
  creatorPid: 50,
  lastPid: 50,
  attached: 0,
  uid: 0,
  createdAt: 1000,
  rss: 64 * MIB,
  swap: 0,
};
const clock = { stat: { cpus: 1, btime: 1000, ctxt: 0, processes: 0, cpu: {} }, uptime: { uptime: 100, idle: 0 } };

describe('who holds memory that is nobody’s', () => {
  test('a segment without a user is an orphan after a minute', () => {
    const of = (detachedAt: number) => valueOf('shm.orphan_bytes', { ...clock, 'sysvipc-shm': [{ ...segment, detachedAt }] });
    expect([of(1040), of(1041)]).toEqual([64 * MIB, 0]);
  });
  test('a segment as ipcs tells it is taken by its size only where shared memory is about as much', () => {
    const { rss: _, swap: __, ...told } = segment;
    const listed = { ...told, size: 64 * MIB, creatorPid: 0, lastPid: 0, createdAt: 0, detachedAt: 0 };
    const of = (shmem: number) => valueOf('shm.orphan_bytes', { meminfo: { MemTotal: 1000 * MIB, Shmem: shmem }, 'sysvipc-shm': [listed] });
    expect([of(70 * MIB), of(20 * MIB)]).toEqual([64 * MIB, null]);
  });
  test('an idle page is one that is neither used nor promised', () => {
    const pool = { size: 2 * MIB, total: 100, free: 60, reserved: 50, surplus: 0, overcommit: 0 };
    expect(valueOf('hp.idle_bytes', { hugepages: [pool] })).toBe(20 * MIB);
    expect(valueOf('hp.idle_bytes', { hugepages: [{ ...pool, reserved: 61 }] })).toBeNull();
  });
  test('a tmpfs that is mounted twice counts once', () => {
    const mount = { device: '0:20', type: 'tmpfs', size: 10 * MIB, used: 4 * MIB };
    const mounts = [
      { ...mount, mountpoint: '/a' },
      { ...mount, mountpoint: '/b' },
    ];
    expect(valueOf('shm.tmpfs_used_bytes', { mounts })).toBe(4 * MIB);
  });
});
