import { bytes, count, number, type Infer, row, seconds, text } from '../../json-schema.js';
import { readingOf, risen } from '../tracing/readings.js';
import vmstat from '../sources/vmstat.js';
import { type BpfForm, defineTrace } from '../tracing/trace.js';

const VICTIM = 'oom:mark_victim';
const KILL = '__oom_kill_process';
const LINE = /^(\d{1,10}) (-?\d{1,5}) (-?\d{1,18}) (\d{1,20}) (.*)$/s;
/** What is not told stands as this. */
const NONE = -1;

const shape = row(
  { pid: count('of the victim'), comm: text('empty: the kernel does not tell') },
  { adj: number('oom_score_adj'), anonBytes: bytes('its anonymous memory'), time: seconds('since boot') },
);
type Row = Infer<typeof shape>;

/** Waits for the OOM killer, and tells whom it kills. */
export default defineTrace({
  title: 'Watch for the OOM killer',
  answers: 'Whom does the OOM killer kill while it is watched?',
  docs: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/oom.h',
  tools: ['oomkill'],
  byDefault: false,
  onlyByName: 'it waits for a kill, up to 60 s; what was killed before stands in the kernel log',
  mostSeconds: 60,
  row: shape,
  order: ({ time }) => -(time ?? 0),
  forms: [
    {
      // the fields beside pid came with 6.9, and with later releases of 6.1 and 6.6
      backend: 'tracepoint',
      needs: [`${VICTIM}#comm`, `${VICTIM}#anon_rss`, `${VICTIM}#oom_score_adj`],
      program: () =>
        `tracepoint:${VICTIM} { @oom_n = count(); printf("%d %d %d %llu %s\\n", args->pid, args->oom_score_adj, args->anon_rss, nsecs, str(args->comm)); }`,
      read,
    },
    {
      backend: 'fentry',
      needs: [`function:${KILL}`],
      loss: 'not how much memory it had',
      program: () =>
        `kfunc:${KILL} { @oom_n = count(); printf("%d %d ${NONE} %llu %s\\n", args->victim->tgid, args->victim->signal->oom_score_adj, nsecs, args->victim->comm); }`,
      read,
    },
    {
      backend: 'kprobe',
      needs: [`function:${KILL}`, 'file:sys/kernel/btf/vmlinux'],
      loss: 'not how much memory it had',
      program: () =>
        `kprobe:${KILL} { $v = (struct task_struct *)arg0; @oom_n = count(); printf("%d %d ${NONE} %llu %s\\n", $v->tgid, $v->signal->oom_score_adj, nsecs, $v->comm); }`,
      read,
    },
    {
      backend: 'tracepoint',
      needs: [`${VICTIM}#pid`],
      loss: 'only its pid: the kernel log has the name',
      program: () => `tracepoint:${VICTIM} { @oom_n = count(); printf("%d 0 ${NONE} %llu \\n", args->pid, nsecs); }`,
      read: (output) => ({
        rows: read(output).rows.map(({ pid, comm, time }) => ({ pid, comm, ...(time === undefined ? {} : { time }) })),
      }),
    },
    {
      backend: 'tracefs',
      needs: [`${VICTIM}#pid`],
      loss: 'not when',
      triggers: ({ kernel }) => ({
        killed: {
          event: VICTIM,
          hist: kernel.fields(VICTIM)?.includes('anon_rss')
            ? 'keys=comm,pid,oom_score_adj:vals=hitcount,anon_rss:size=256'
            : 'keys=pid:vals=hitcount:size=256',
        },
      }),
      read: ({ killed }) => ({
        rows: (killed?.rows ?? []).map(({ keys, values }): Row => {
          const [adj, kib] = [keys['oom_score_adj'], values['anon_rss']];
          return {
            pid: Number(keys['pid'] ?? 0),
            comm: keys['comm'] ?? '',
            ...(adj === undefined ? {} : { adj: Number(adj) }),
            ...(kib === undefined ? {} : { anonBytes: kib * 1024 }),
          };
        }),
      }),
    },
    {
      backend: 'perf-stat',
      needs: [VICTIM],
      loss: 'only how many were killed',
      events: () => [VICTIM],
      read: (counts) => ({ rows: [], totals: { killed: counts.get(VICTIM) ?? 0 } }),
    },
    {
      backend: 'proc',
      needs: ['file:proc/vmstat'],
      loss: 'only how many were killed',
      reading: (tree) => readingOf(tree, vmstat),
      read: (before: Record<string, number>, after: Record<string, number>) => ({
        rows: [],
        totals: risen(before, after, { killed: ['oom_kill'] }),
      }),
    },
  ],
});

/** bpftrace 0.23 looks for the string of a tracepoint in the wrong place, and finds none. */
const NAMELESS = 'this bpftrace does not read the names: the kernel log has them';

function read(output: Parameters<BpfForm<Row>['read']>[0]): { rows: Row[]; totals: Record<string, number>; notes?: string[] } {
  const rows = rowsOf(output.printed);
  return {
    rows,
    totals: { killed: output.maps.get('oom_n')?.[0]?.value ?? 0 },
    ...(rows.some(({ comm }) => comm === '') ? { notes: [NAMELESS] } : {}),
  };
}

const rowsOf = (lines: readonly string[]): Row[] =>
  lines.flatMap((line): Row[] => {
    const [, pid, adj, kib, since, comm] = LINE.exec(line) ?? [];
    if (comm === undefined) return [];
    return [
      {
        pid: Number(pid),
        comm,
        adj: Number(adj),
        time: Number(since) / 1e9,
        // mark_victim counts in kB
        ...(Number(kib) < 0 ? {} : { anonBytes: Number(kib) * 1024 }),
      },
    ];
  });
