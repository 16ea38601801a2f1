import { defineFamily, numberAs, trigger } from './family.js';

/** mm/util.c, __vm_enough_memory() since 6.1; bytes since 6.12. */
export default defineFamily({
  begins: ['__vm_enough_memory: '],
  sayings: [
    {
      kind: 'vm-enough-memory',
      pattern: /^__vm_enough_memory: pid: (\d{1,10}), comm: (.{0,64}?), (?:bytes: (\d{1,20}) )?(?:no|not) enough memory/,
      tells: ([, pid, name = '', size]) => ({ ...trigger(name, pid), ...numberAs('bytes', size) }),
      alike: ([, pid = '', name = '']) => `${pid} ${name}`,
    },
  ],
});
