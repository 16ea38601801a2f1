import { defineFacts, type Entity, Unknown } from './fact.js';
import type { LogEvent } from './oom.js';
import type { View } from './view.js';

const ACCOUNTING = 'https://docs.kernel.org/mm/overcommit-accounting.html';
const LOSSY = 'the kernel limits how often it says so, and some kernels do not say it: there may have been more';

/** vm.overcommit_memory: nothing is promised beyond CommitLimit. */
const STRICT = 2;
/** Of all that is promised: from here on one process matters. */
const MOST = 0.25;

/** What has been promised to processes, against the limit that strict overcommit sets. */
export default defineFacts({
  'config.overcommit_memory': {
    title: 'How memory is promised: 0 by a rough check, 1 always, 2 up to CommitLimit',
    unit: '1',
    formula: 'vm.overcommit_memory',
    reference: ACCOUNTING,
    value: (view) => view.sysctl('overcommit_memory'),
  },
  'config.overcommit_ratio': {
    title: 'Share of RAM that may be promised in mode 2',
    unit: '%',
    formula: 'vm.overcommit_ratio; 0 when vm.overcommit_kbytes is set, which replaces it',
    reference: ACCOUNTING,
    value: (view) => ((view.maybe(() => view.sysctl('overcommit_kbytes')) ?? 0) > 0 ? 0 : view.sysctl('overcommit_ratio')),
  },
  'commit.ratio': {
    title: 'Promised memory, against the limit',
    unit: '1',
    formula: 'Committed_AS / CommitLimit',
    validity: 'a limit only with vm.overcommit_memory = 2',
    reference: ACCOUNTING,
    value: (view) => {
      const limit = view.meminfo('CommitLimit');
      if (limit === 0) throw new Unknown('CommitLimit is 0');
      return view.meminfo('Committed_AS') / limit;
    },
  },
  'owner.reserver': {
    title: 'The process that has reserved most without touching it',
    unit: 'entity',
    formula: 'max VmData − RssAnon − VmSwap, where that is a quarter of Committed_AS or more',
    validity: 'of the largest processes by what they touch; in mode 2 only: in others MAP_NORESERVE is not promised',
    reference: ACCOUNTING,
    value: (view): Entity => {
      if (view.number('config.overcommit_memory') !== STRICT) throw new Unknown('vm.overcommit_memory is not 2');
      view.used('/proc/PID/status VmData, RssAnon, VmSwap');
      const [first] = view
        .last('processes')
        .top.map(({ name, pid, data = 0, anon, swap }) => ({ name, pid, untouched: data - anon - swap }))
        .toSorted((a, b) => b.untouched - a.untouched);
      if (!first || first.untouched < MOST * view.meminfo('Committed_AS'))
        throw new Unknown('no process has reserved much that it does not use');
      return { kind: 'process', name: first.name, pid: first.pid, bytes: first.untouched };
    },
  },
  'commit.guessed': {
    title: 'Each request for memory is judged alone, by a rough check',
    unit: 'boolean',
    formula: 'vm.overcommit_memory = 0: a request for more than RAM and swap together is refused, __vm_enough_memory() of mm/util.c',
    reference: ACCOUNTING,
    value: (view) => view.number('config.overcommit_memory') === 0,
  },
  'commit.enforced': {
    title: 'Whether CommitLimit is a limit',
    unit: 'text',
    formula:
      'yes: vm.overcommit_memory = 2; no: 0 or 1, or Committed_AS is above CommitLimit, which mode 2 does not let happen; maybe: the mode was not read',
    validity: 'after a change to mode 2 Committed_AS may stay above the limit',
    reference: ACCOUNTING,
    value: enforced,
  },
  'commit.used_bytes': {
    title: 'Memory promised to processes',
    unit: 'bytes',
    formula: 'Committed_AS',
    value: (view) => view.meminfo('Committed_AS'),
  },
  'commit.limit_bytes': {
    title: 'As much may be promised in mode 2',
    unit: 'bytes',
    formula: 'CommitLimit',
    value: (view) => view.meminfo('CommitLimit'),
  },
  'log.refusals': {
    title: 'Requests for memory that the kernel refused at once',
    unit: 'count',
    formula: 'events “__vm_enough_memory: … not enough memory for the allocation” of the kernel log',
    validity: LOSSY,
    value: (view) => refusals(view).reduce((sum, { count }) => sum + count, 0),
  },
  'log.last_refusal_age_s': {
    title: 'Time since the kernel last refused a request at once',
    unit: 's',
    formula: 'uptime − time stamp of the last “not enough memory for the allocation”',
    validity: LOSSY,
    value: (view) => {
      const { time } = lastRefusal(view);
      if (time === null) throw new Unknown('the kernel log has no time stamp for it', 'kernel-log');
      return Math.max(0, view.number('sample.uptime') - time);
    },
  },
  'owner.refused': {
    title: 'The process whose request was refused last',
    unit: 'entity',
    formula: 'comm and pid of the last “not enough memory for the allocation”',
    value: (view): Entity => {
      const { trigger } = lastRefusal(view);
      if (!trigger) throw new Unknown('the kernel log does not name it', 'kernel-log');
      return { kind: 'process', name: trigger.name, ...(trigger.pid === null ? {} : { pid: trigger.pid }), bytes: null };
    },
  },
});

function enforced(view: View): string {
  const mode = view.maybe(() => view.number('config.overcommit_memory'));
  if (mode !== undefined) return mode === 2 ? 'yes' : 'no';
  const ratio = view.maybe(() => view.number('commit.ratio'));
  return ratio !== undefined && ratio > 1 ? 'no' : 'maybe';
}

function refusals(view: View): LogEvent[] {
  const log = view.last('kernel-log');
  view.used(`kernel log (${log.from})`);
  return log.events.filter(({ kind }) => kind === 'vm-enough-memory');
}

function lastRefusal(view: View): LogEvent {
  const last = refusals(view).at(-1);
  if (!last) throw new Unknown('the kernel log holds no refused request');
  return last;
}
