import { defineFacts, Unknown } from './fact.js';

/** Keys that the kernel keeps for users, and the daemons that watch over memory. */
export default defineFacts({
  'key.count': {
    title: 'Keys that the kernel keeps',
    unit: 'count',
    formula: 'Σ keys of /proc/key-users',
    value: (view) => {
      view.used('/proc/key-users');
      return view.last('key-users').reduce((sum, { keys }) => sum + keys, 0);
    },
  },
  'key.bytes': {
    title: 'Payload of the keys that count against limits',
    unit: 'bytes',
    formula: 'Σ bytes of /proc/key-users',
    value: (view) => {
      view.used('/proc/key-users');
      return view.last('key-users').reduce((sum, { bytes }) => sum + bytes, 0);
    },
  },
  'key.limit_pct': {
    title: 'The user who is nearest to the limit of keys',
    unit: '%',
    formula: 'max 100 × keys / maxkeys, bytes / maxbytes of /proc/key-users',
    reference: 'https://docs.kernel.org/security/keys/core.html',
    value: (view) => {
      view.used('/proc/key-users');
      const shares = view.last('key-users').flatMap(({ quotaKeys, maxKeys, bytes, maxBytes }) => [quotaKeys / maxKeys, bytes / maxBytes]);
      return 100 * Math.max(0, ...shares.filter((each) => Number.isFinite(each)));
    },
  },
  'proc.oom_daemons': {
    title: 'Daemons that act when memory gets short, or change its settings',
    unit: 'text',
    formula: 'names of processes: systemd-oomd, earlyoom, nohang, oomd, lmkd, tuned, ksmtuned …; none when none of them runs',
    value: (view) => {
      view.used('/proc/PID/stat');
      const { daemons } = view.last('processes');
      if (daemons === undefined) throw new Unknown('the names of processes were not read');
      return daemons.length === 0 ? 'none' : daemons.join(', ');
    },
  },
});
