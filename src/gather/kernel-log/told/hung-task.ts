import { defineFamily, numberAs, trigger } from './family.js';

/** kernel/hung_task.c, check_hung_task(): a task in uninterruptible sleep. The name may hold colons; the number is the last. */
export default defineFamily({
  begins: ['INFO: task '],
  sayings: [
    {
      kind: 'hung-task',
      pattern: /^INFO: task (.{0,64}):(\d{1,10}) blocked (?:in I\/O wait )?for more than (\d{1,10}) seconds/,
      tells: ([, name = '', pid, waited]) => ({ ...trigger(name, pid), ...numberAs('seconds', waited) }),
      alike: ([, name = '', pid = '']) => `${pid} ${name}`,
    },
  ],
});
