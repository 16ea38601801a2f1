import { nullable, row, text } from '../../json-schema.js';
import { memoryCgroup } from '../cgroup/membership.js';
import { containerOf, hypervisorOf, type Markers } from '../environment.js';
import { defineSource } from '../source.js';
import { readable } from '../tree.js';

const MARKERS = {
  dockerenv: '.dockerenv',
  containerenv: 'run/.containerenv',
  cgroup: 'proc/self/cgroup',
  mountinfo: 'proc/self/mountinfo',
  cpuinfo: 'proc/cpuinfo',
  vendor: 'sys/class/dmi/id/sys_vendor',
  product: 'sys/class/dmi/id/product_name',
  xen: 'sys/hypervisor/type',
  version: 'proc/version',
} as const satisfies Record<Exclude<keyof Markers, 'openvz'>, string>;

/** Whether this is a container or a virtual machine, from marks that are there or not; null when they do not say. */
export default defineSource({
  title: '/proc/cpuinfo',
  docs: 'https://docs.kernel.org/virt/index.html',
  reads: Object.values(MARKERS),
  cadence: 'first',
  schema: row({
    container: nullable(text('docker, podman, kubernetes, lxc, openvz, gvisor, … or null: none, or not sure')),
    hypervisor: nullable(text('kvm, vmware, xen, wsl2, … or null: none, or not sure')),
    ownCgroup: nullable(text('of memdoctor itself, in the hierarchy of the memory controller')),
  }),
  collect: async (tree) => {
    const reads = await tree.read(Object.values(MARKERS), { maxBytes: 65_536 });
    // a mark may be empty and mean something all the same (.dockerenv)
    const text = (path: string): string | null => reads.filter(readable).find((read) => read.path === path)?.text ?? null;
    const marks = Object.fromEntries(Object.entries(MARKERS).map(([name, path]) => [name, text(path)])) as unknown as Omit<
      Markers,
      'openvz'
    >;
    const openvz = (await tree.list('proc')).filter((name) => name === 'vz' || name === 'bc');
    const all: Markers = { ...marks, openvz };
    // the first processor of /proc/cpuinfo is enough
    const others = reads.filter((read) => read.status !== 'truncated');
    if (!reads.some(readable)) return { data: null, reads: others };
    const ownCgroup = marks.cgroup === null ? null : memoryCgroup(marks.cgroup);
    return { data: { container: containerOf(all), hypervisor: hypervisorOf(all), ownCgroup }, reads: others };
  },
});
