import { defineFamily, victim } from './family.js';

/** mm/oom_kill.c, oom_reap_task(): ten tries, and the victim’s memory is still held. */
export default defineFamily({
  begins: ['oom_reaper: unable'],
  sayings: [
    {
      kind: 'reaper-stuck',
      pattern: /^oom_reaper: unable to reap pid:(\d{1,10}) \((.{0,64})\)/,
      tells: ([, pid, name = '']) => victim(name, pid),
    },
  ],
});
