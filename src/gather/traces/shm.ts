import { bytes, count, type Infer, number, row, text } from '../../json-schema.js';
import shmSource from '../sources/sysvipc-shm.js';
import { nameOf } from '../processes/choose.js';
import { splitKey } from '../tracing/bpftrace-output.js';
import { readingOf } from '../tracing/readings.js';
import { defineTrace, type ProcForm } from '../tracing/trace.js';

const SLOWER = 'while it runs, each system call of the host is a little slower';
const NOT_SEEN = `calls, failed ones too; not those by ipc(), as of 32-bit programs; ${SLOWER}`;
/** IPC_RMID; IPC_64 may stand beside it (include/uapi/linux/ipc.h). */
const REMOVE = 0;
const IPC_64 = 0x1_00;

const shape = row(
  {
    comm: text(),
    pid: count(),
    call: text('shmget, shmat, shmdt, shmctl; remove: shmctl with IPC_RMID'),
    count: count('times'),
  },
  { bytes: bytes('asked for, summed over the calls'), key: number('0: private') },
);
type Row = Infer<typeof shape>;

interface Segment {
  readonly shmid: number;
  readonly key: number;
  readonly size: number;
  readonly creatorPid: number;
  readonly comm: string;
}

const control = (cmd: number): string => ((cmd & ~IPC_64) === REMOVE ? 'remove' : 'shmctl');

/** Segments that are in the one reading and not in the other, under the process that made them. */
const changes = (call: string, those: ReadonlyMap<number, Segment>, without: ReadonlyMap<number, Segment>): Row[] =>
  [...those.values()]
    .filter(({ shmid }) => !without.has(shmid))
    .map(({ comm, creatorPid, size, key }) => ({ comm, pid: creatorPid, call, count: 1, bytes: size, key }));

/** Who makes, attaches and removes segments of System V shared memory: they outlive their maker. */
export default defineTrace({
  title: 'System V shared memory calls',
  answers: 'Who makes shared memory segments, and does anybody remove them?',
  docs: 'https://man7.org/linux/man-pages/man7/sysvipc.7.html',
  tools: ['shmsnoop'],
  byDefault: false,
  row: shape,
  order: ({ bytes: size, count: times }) => (size ?? 0) + times,
  forms: [
    {
      backend: 'tracepoint',
      needs: ['syscalls:sys_enter_shmget#size', 'syscalls:sys_enter_shmget#key'],
      loss: NOT_SEEN,
      program: ({ kernel, pid }) => {
        const own = pid === null ? '' : ` /pid == ${pid}/`;
        const has = (event: string, field: string): boolean => kernel.fields(`syscalls:sys_enter_${event}`)?.includes(field) === true;
        const get = '@shm_get[args->key, pid, comm] = count(); @shm_bytes[args->key, pid, comm] = sum((uint64)args->size);';
        return [
          `tracepoint:syscalls:sys_enter_shmget${own} { ${get} }`,
          has('shmat', 'shmid') ? `tracepoint:syscalls:sys_enter_shmat${own} { @shm_at[pid, comm] = count(); }` : '',
          has('shmdt', 'shmaddr') ? `tracepoint:syscalls:sys_enter_shmdt${own} { @shm_dt[pid, comm] = count(); }` : '',
          has('shmctl', 'cmd') ? `tracepoint:syscalls:sys_enter_shmctl${own} { @shm_ctl[args->cmd, pid, comm] = count(); }` : '',
        ].join('\n');
      },
      read: (output) => {
        const entries = (name: string, numeric: number) =>
          (output.maps.get(`shm_${name}`) ?? []).flatMap(({ key, value }) => {
            const parts = splitKey(key, numeric);
            return parts === null ? [] : [{ key, numbers: parts.numbers, comm: parts.rest, value: Math.max(0, value) }];
          });
        const sizes = new Map(entries('bytes', 2).map(({ key, value }) => [key, value]));
        return {
          rows: [
            ...entries('get', 2).map(({ key, numbers: [ipc = 0, pid = 0], comm, value }): Row => ({
              comm,
              pid,
              call: 'shmget',
              count: value,
              bytes: sizes.get(key) ?? 0,
              key: ipc >>> 0,
            })),
            ...entries('ctl', 2).map(({ numbers: [cmd = 0, pid = 0], comm, value }): Row => ({
              comm,
              pid,
              call: control(cmd),
              count: value,
            })),
            ...(['at', 'dt'] as const).flatMap((call) =>
              entries(call, 1).map(({ numbers: [pid = 0], comm, value }): Row => ({ comm, pid, call: `shm${call}`, count: value })),
            ),
          ],
        };
      },
    },
    {
      backend: 'tracefs',
      needs: ['syscalls:sys_enter_shmget#size', 'syscalls:sys_enter_shmget#key', 'syscalls:sys_enter_shmctl#cmd'],
      loss: `by thread; ${NOT_SEEN}`,
      triggers: () => ({
        shmget: { event: 'syscalls:sys_enter_shmget', hist: 'keys=common_pid.execname,key:vals=hitcount,size:size=1024' },
        shmat: { event: 'syscalls:sys_enter_shmat', hist: 'keys=common_pid.execname:vals=hitcount:size=1024' },
        shmdt: { event: 'syscalls:sys_enter_shmdt', hist: 'keys=common_pid.execname:vals=hitcount:size=1024' },
        shmctl: { event: 'syscalls:sys_enter_shmctl', hist: 'keys=common_pid.execname,cmd:vals=hitcount:size=1024' },
      }),
      read: (tables) => ({
        rows: Object.entries(tables).flatMap(([call, { rows }]) =>
          rows.map(({ keys, values }): Row => ({
            comm: keys['common_pid'] ?? '',
            pid: Number(keys['pid'] ?? 0),
            call: call === 'shmctl' ? control(Number(keys['cmd'])) : call,
            count: values['hitcount'] ?? 0,
            ...(call === 'shmget' ? { bytes: values['size'] ?? 0, key: Number(keys['key'] ?? 0) >>> 0 } : {}),
          })),
        ),
      }),
    },
    {
      backend: 'perf-stat',
      needs: ['syscalls:sys_enter_shmget'],
      loss: `counted for the whole host; ${SLOWER}`,
      events: () => ['shmget', 'shmat', 'shmdt', 'shmctl'].map((call) => `syscalls:sys_enter_${call}`),
      read: (counts) => ({
        rows: [],
        totals: Object.fromEntries(
          [...counts].flatMap(([event, times]) => {
            const call = /^syscalls:sys_enter_(shm\w+)$/.exec(event)?.[1];
            return call === undefined ? [] : [[call, times]];
          }),
        ),
      }),
    },
    {
      backend: 'proc',
      needs: ['file:proc/sysvipc/shm'],
      loss: 'segments that are there now and were not before, or the other way round, in the IPC namespace of memdoctor alone',
      reading: async (tree) => {
        const segments = await readingOf(tree, shmSource);
        const named = await Promise.all(
          segments.map(async (each): Promise<[number, Segment]> => [each.shmid, { ...each, comm: await nameOf(tree, each.creatorPid) }]),
        );
        return new Map(named);
      },
      read: (before, after) => ({ rows: [...changes('shmget', after, before), ...changes('remove', before, after)] }),
    } satisfies ProcForm<Row, ReadonlyMap<number, Segment>>,
  ],
});
