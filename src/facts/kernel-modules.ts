import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

/** Modules that are known to hold pages which no counter of the kernel shows, by what they are. */
const HOLDERS: readonly (readonly [what: string, names: RegExp])[] = [
  ['GPU', /^(nvidia(_\w+)?|nouveau|amdgpu|radeon|i915|xe|ttm|mgag200|qxl|vmwgfx|habanalabs)$/],
  [
    'network card',
    /^(mlx[45]_core|ice|i40e|ixgbe(vf)?|iavf|igb|igc|e1000e|bnxt_en|bnx2x|tg3|qede|cxgb[34]|ena|gve|sfc|hns3|nfp|atlantic|be2net|enic|liquidio|octeontx2\w*)$/,
  ],
  ['RDMA', /^(ib_core|rdma_cm|mlx[45]_ib|irdma|bnxt_re|qedr|hfi1|rxe|siw)$/],
  ['file system', /^(zfs|spl|lustre|ptlrpc|mmfs26|mmfslinux|vxfs|beegfs|ceph|gfs2|ocfs2|afs|openafs)$/],
  ['storage', /^(drbd|vxio|vxdmp|emcp\w*|scini|qla2xxx|lpfc|mpt3sas|megaraid_sas|hpsa|smartpqi)$/],
  ['disk in memory', /^(brd|null_blk)$/],
  ['balloon', /^(virtio_balloon|vmw_balloon|hv_balloon)$/],
  ['virtual machines', /^(vmmon|vboxdrv|vfio(_\w+)?|vhost(_\w+)?)$/],
  ['packet processing', /^(igb_uio|uio(_\w+)?|rte_kni|pf_ring|netmap)$/],
];
/** Longer lists say no more. */
const SHOWN = 12;

/** Kernel modules that may hold memory without telling. */
export default defineFacts({
  'modules.count': {
    title: 'Kernel modules',
    unit: 'count',
    formula: 'lines of /proc/modules',
    value: (view) => modules(view).length,
  },
  'modules.out_of_tree_count': {
    title: 'Kernel modules that are no part of the kernel',
    unit: 'count',
    formula: 'lines of /proc/modules with taint O or P',
    value: (view) => foreign(view).length,
  },
  'modules.out_of_tree': {
    title: 'Kernel modules that are no part of the kernel',
    unit: 'text',
    formula: 'names in /proc/modules with taint O or P',
    validity: 'unknown when there is none',
    value: (view) => {
      const names = foreign(view).map(({ name }) => name);
      if (names.length === 0) throw new Unknown('all modules are of the kernel itself');
      return listed(names);
    },
  },
  'modules.suspect_count': {
    title: 'Kernel modules of the kind that holds pages which no counter shows',
    unit: 'count',
    formula:
      'modules of GPUs, network cards, RDMA, ZFS and other file systems, storage, disks in memory, balloons, virtual machines, packet processing in /proc/modules',
    validity: 'drivers that are built into the kernel are not among them; to be loaded is no proof',
    value: (view) => suspects(view).length,
  },
  'modules.suspects': {
    title: 'Kernel modules of the kind that holds pages which no counter shows',
    unit: 'text',
    formula: 'as modules.suspect_count, by name',
    validity: 'unknown when there is none; to be loaded is no proof',
    value: (view) => {
      const names = suspects(view);
      if (names.length === 0) throw new Unknown('no module of that kind is loaded');
      return listed(names);
    },
  },
});

type Module = SourceData<'modules'>[number];

function modules(view: View): readonly Module[] {
  view.used('/proc/modules');
  return view.last('modules');
}

const foreign = (view: View): Module[] => modules(view).filter(({ taint }) => /[OP]/.test(taint ?? ''));

/** By kind, in the order of the table; "nvidia (GPU)". */
const suspects = (view: View): string[] =>
  HOLDERS.flatMap(([what, names]) =>
    modules(view)
      .filter(({ name }) => names.test(name))
      .map(({ name }) => `${name} (${what})`),
  );

const listed = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '');
