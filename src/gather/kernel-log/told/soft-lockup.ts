import { defineFamily, numberAs, trigger } from './family.js';

/** kernel/watchdog.c (kernel/softlockup.c until 2.6.34); the first words changed in 3.10 and 4.13. */
export default defineFamily({
  begins: ['BUG: soft lockup', 'watchdog: BUG: soft', 'NMI watchdog: BUG: soft'],
  sayings: [
    {
      kind: 'soft-lockup',
      pattern: /^(?:NMI watchdog: |watchdog: )?BUG: soft lockup(?: - CPU#\d{1,5} stuck for (\d{1,10})s! \[(.{0,64}):(\d{1,10})\]|)/,
      tells: ([, stuck, name, pid]) => ({ ...numberAs('seconds', stuck), ...(name === undefined ? {} : trigger(name, pid)) }),
      alike: ([, , name = '', pid = '']) => `${pid} ${name}`,
    },
  ],
});
