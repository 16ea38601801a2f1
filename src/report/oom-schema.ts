import { boolean, bytes, count, type Infer, list, nullable, number, oneOf, row, seconds, text } from '../json-schema.js';
import { WHYS } from '../facts/oom-reason.js';

const size = nullable(number('bytes; null: not printed'));

const moment = row({
  kind: text('oom-kill, memcg-oom-kill, oom-no-victim, allocation-failure or allocation-stall'),
  time: nullable(seconds('since boot')),
  wallTime: nullable(text('ISO 8601, when the log has it')),
  why: oneOf(WHYS, 'the kernel’s decision re-enacted'),
  paragraph: text('what happened, why, where the memory was, who held it and who was killed: for anybody'),
  victim: text('why this one was killed and not another'),
  trigger: nullable(text('whose allocation it was')),
  gfp: nullable(text('the mask as printed')),
  order: nullable(number('of the allocation: 2^order pages; −1: by SysRq')),
  kernel: nullable(text('release')),
  sheet: nullable(
    row({
      of: oneOf(['host', 'cgroup']),
      totalBytes: bytes('RAM less what the kernel reserves, or the limit'),
      totalSource: text(),
      lines: list(row({ name: text(), bytes: number(), source: text() })),
      unaccountedBytes: number('what no line holds; below zero when lines share pages'),
      missing: list(text('a line for which the report has no figure')),
    }),
  ),
  tasks: list(
    row({
      name: text(),
      pid: nullable(count()),
      rssBytes: size,
      anonBytes: size,
      swapBytes: size,
      oomScoreAdj: nullable(number()),
      score: nullable(number('of 1000, by oom_badness(); null: must not be killed, or not known')),
      killed: boolean(),
    }),
    'the largest 10',
  ),
  groups: list(row({ name: text(), count: count(), rssBytes: size, anonBytes: size, swapBytes: size }), 'by name, the largest 5'),
  zones: list(
    row({
      name: text(),
      freeBytes: size,
      minBytes: size,
      lowBytes: size,
      reserveBytes: size,
      managedBytes: size,
      usable: nullable(boolean('whether the allocation could use it; null: the mask is not known')),
      short: boolean('free ≤ min + reserve'),
    }),
  ),
  memcg: nullable(row({ name: text(), path: nullable(text()), usageBytes: size, limitBytes: size, failcnt: nullable(count()) })),
});

/** The section on OOM of the report: null when the log tells of none. */
export const oomSchema = nullable(
  row({
    now: nullable(boolean('true: at work now; false: it is history; null: a log given alone does not tell')),
    moments: list(moment, 'the most telling, at most 3, the newest first'),
  }),
);

export type OomReport = NonNullable<Infer<typeof oomSchema>>;
export type OomMoment = OomReport['moments'][number];
