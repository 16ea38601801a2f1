import { defineFacts, Unknown } from './fact.js';

const V1 = 'https://docs.kernel.org/admin-guide/cgroup-v1/memory.html#kernel-memory-extension-config-memcg-kmem';

/** Accounting of kernel memory to cgroups of version 1. */
export default defineFacts({
  'cg.kmem_bytes': {
    title: 'Most kernel memory that is charged to one cgroup of version 1',
    unit: 'bytes',
    formula: 'max memory.kmem.usage_in_bytes of the cgroups below the root',
    validity: 'of the cgroups that were read: those with a limit and the largest; version 2 has no such file',
    reference: V1,
    value: (view) => {
      const charges = view.last('cgroup').groups.flatMap(({ path, kmem }) => (path === '/' || kmem === undefined ? [] : [kmem]));
      view.used('memory.kmem.usage_in_bytes of each cgroup');
      if (charges.length === 0) throw new Unknown('memory.kmem.usage_in_bytes of no cgroup was read');
      return Math.max(...charges);
    },
  },
  'kernel.el7': {
    title: 'The kernel is 3.10 of Enterprise Linux 7',
    unit: 'boolean',
    formula: '/proc/version',
    validity: 'its accounting of kernel memory to cgroups was never finished: what removed cgroups held is not always given back',
    reference: V1,
    value: (view) => {
      const release = view.maybe(() => view.last('version').release) ?? view.snapshot.subject.kernel;
      view.used('/proc/version');
      if (release === null) throw new Unknown('which kernel runs was not read');
      return /^3\.10\.0-[^ ]{0,60}\bel7/.test(release);
    },
  },
});
