import { defineFamily, numberAs, textAs } from './family.js';

/** mm/percpu.c, pcpu_alloc(); `PERCPU:` until 4.5. kernel/module.c for a module’s per-CPU data. */
export default defineFamily({
  begins: ['percpu: ', 'PERCPU: ', 'Could not allocate '],
  holds: [': Could not allocate '],
  sayings: [
    {
      kind: 'percpu-failure',
      pattern: /^(?:percpu|PERCPU): allocation failed, size=(\d{1,20})\b/,
      tells: ([, size]) => numberAs('bytes', size),
    },
    {
      kind: 'percpu-failure',
      pattern: /^(?:(.{1,64}): )?Could not allocate (\d{1,20}) bytes percpu data/,
      tells: ([, module, size]) => ({ ...numberAs('bytes', size), ...textAs('device', module) }),
    },
  ],
});
