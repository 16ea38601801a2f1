import { defineFacts } from './fact.js';
import type { View } from './view.js';

const ZFS_MODULE = /^(zfs|spl|znvpair|zcommon)$/;
/** Caches of its own that it has in /proc/slabinfo. */
const ZFS_CACHE = /^(zfs_znode_cache|zio_cache|zio_buf_comb_\d+|dmu_buf_impl_t|dnode_t|arc_buf_hdr_t_\w+|abd_t|spl_\w+)$/;
const ZFS_THREAD =
  /^(arc_(evict|prune|reap|adapt)|dbuf_evict|dbu_evict|z_(null|rd|wr|fr|cl|ioctl|trim|unmount)_\w+|txg_(sync|quiesce)|zfs\w*|zvol\w*|l2arc_feed|spl_\w+|vdev_autotrim)$/;
const VMWARE_MODULE = /^(vmw_balloon|vmmemctl|vmwgfx|vmxnet3?|vmw_(vmci|pvscsi|vsock\w*)|vsock)$/;
const VMWARE_PROCESS = /^(vmtoolsd|vmware-guestd|vmmemctl|VGAuthService)$/;
const GPU_MODULE = /^(amdgpu|radeon|i915|xe|nouveau|nvidia)$/;
/** Drivers of which a server has more memory than of its graphics. */
const HEAVY_MODULE =
  /^(mlx[45]_core|ice|i40e|irdma|bnxt_en|qede|ib_core|zfs|lustre|drbd|vxio|emcp\w*|scini|qla2xxx|lpfc|vmw_balloon|virtio_balloon|hv_balloon|igb_uio)$/;

/** Who may hold what no counter accounts for, by what else the evidence shows of it. */
export default defineFacts({
  'zfs.in_use': {
    title: 'ZFS is in use',
    unit: 'boolean',
    formula: 'arcstats; or modules, mounts, slab caches or kernel threads of ZFS',
    validity: 'false says only that none of the files that were read shows it',
    value: (view) =>
      view.readings('arcstats').length > 0 ||
      modules(view).some((name) => ZFS_MODULE.test(name)) ||
      (view
        .readings('mounts')
        .at(-1)
        ?.data.some(({ type }) => type === 'zfs') ??
        false) ||
      (view
        .readings('slabinfo')
        .at(-1)
        ?.data.some(({ name }) => ZFS_CACHE.test(name)) ??
        false) ||
      processes(view).some((name) => ZFS_THREAD.test(name)),
  },
  'vm.vmware': {
    title: 'The host is a guest of VMware',
    unit: 'boolean',
    formula: 'vendor of the firmware, “Hardware name” of the kernel log, modules or processes of VMware',
    validity: 'false says only that none of the files that were read shows it',
    value: (view) =>
      /vmware/i.test(view.readings('environment').at(-1)?.data.hypervisor ?? '') ||
      (view.readings('kernel-log').at(-1)?.data.reports ?? []).some(({ hardware }) => /vmware/i.test(hardware ?? '')) ||
      modules(view).some((name) => VMWARE_MODULE.test(name)) ||
      processes(view).some((name) => VMWARE_PROCESS.test(name)),
  },
  'gpu.likely': {
    title: 'A graphics driver is the only one loaded of those that hold much memory',
    unit: 'boolean',
    formula: 'a module of GPUs in /proc/modules, and none of large network cards, RDMA, ZFS, clusters, storage or balloons',
    value: (view) => {
      view.last('modules');
      const loaded = modules(view);
      return loaded.some((name) => GPU_MODULE.test(name)) && !loaded.some((name) => HEAVY_MODULE.test(name));
    },
  },
});

function modules(view: View): string[] {
  const found = view.readings('modules').at(-1)?.data;
  if (found) view.used('/proc/modules');
  return found?.map(({ name }) => name) ?? [];
}

function processes(view: View): string[] {
  const found = view.readings('processes').at(-1)?.data;
  if (found) view.used('/proc/PID/stat');
  return [...(found?.groups ?? []), ...(found?.top ?? [])].map(({ name }) => name);
}
