import { defineFacts, Unknown } from './fact.js';

const FS = 'https://docs.kernel.org/admin-guide/sysctl/fs.html';
/** Above it fs.file-max is as good as no limit. */
const NO_LIMIT = 2 ** 62;
/** sizeof(struct dentry) on 64-bit hosts. */
const DENTRY = 192;

/** Names, inodes and open files. */
export default defineFacts({
  'dentry.count': {
    title: 'Cached names of files',
    unit: 'count',
    formula: 'nr_dentry of /proc/sys/fs/dentry-state',
    reference: FS,
    value: (view) => {
      view.used('/proc/sys/fs/dentry-state');
      return view.last('dentry-state').total;
    },
  },
  'dentry.unused': {
    title: 'Cached names of files that nobody uses',
    unit: 'count',
    formula: 'nr_unused of /proc/sys/fs/dentry-state',
    reference: FS,
    value: (view) => {
      view.used('/proc/sys/fs/dentry-state');
      return view.last('dentry-state').unused;
    },
  },
  'dentry.negative_pct': {
    title: 'Cached names of files that do not exist, share of all cached names',
    unit: '%',
    formula: '100 × nr_negative / nr_dentry',
    validity:
      'kernel 5.0 and later, and 3.10 of Red Hat from 7.6 on; older ones print 0, which counts as not known where vm.watermark_boost_factor (5.0) is not there either',
    reference: FS,
    value: (view) => {
      const { negative, total } = view.last('dentry-state');
      view.used('/proc/sys/fs/dentry-state nr_negative');
      if (negative !== undefined) return (100 * negative) / total;
      if (view.maybe(() => view.sysctl('watermark_boost_factor')) !== undefined) return 0;
      throw new Unknown('this kernel does not count the names of files that do not exist');
    },
  },
  'dentry.bytes': {
    title: 'Memory of the cached names of files',
    unit: 'bytes',
    formula: 'size of dentry in /proc/slabinfo; else nr_dentry × 192 bytes',
    validity: 'by the count a minimum: a name longer than 31 to 39 characters takes more (kmalloc-rcl-*)',
    reference: FS,
    value: (view) => {
      const cache = view
        .readings('slabinfo')
        .at(-1)
        ?.data.find(({ name }) => name === 'dentry');
      if (cache) {
        view.used('/proc/slabinfo dentry');
        return cache.bytes;
      }
      return view.number('dentry.count') * DENTRY;
    },
  },
  'dentry.pct': {
    title: 'Memory of the cached names of files, share of MemTotal',
    unit: '%',
    formula: '100 × dentry.bytes / MemTotal',
    reference: FS,
    value: (view) => (100 * view.number('dentry.bytes')) / view.meminfo('MemTotal'),
  },
  'dentry.growth_rate': {
    title: 'Names added to the cache, per second',
    unit: '1/s',
    formula: 'Δ nr_dentry / Δt',
    validity: 'negative when it shrinks',
    reference: FS,
    value: (view) => {
      const { first, last, seconds } = view.pair('dentry-state');
      view.used('/proc/sys/fs/dentry-state');
      return (last.total - first.total) / seconds;
    },
  },
  'inode.count': {
    title: 'Inodes in memory',
    unit: 'count',
    formula: 'nr_inodes of /proc/sys/fs/inode-state',
    reference: FS,
    value: (view) => {
      view.used('/proc/sys/fs/inode-state');
      return view.last('inode-state').total;
    },
  },
  'inode.unused': {
    title: 'Inodes in memory that nobody uses',
    unit: 'count',
    formula: 'nr_free_inodes of /proc/sys/fs/inode-state',
    validity: 'an inode with pages in the page cache counts as used',
    reference: FS,
    value: (view) => {
      view.used('/proc/sys/fs/inode-state');
      return view.last('inode-state').unused;
    },
  },
  'files.open': {
    title: 'Open files of the whole system',
    unit: 'count',
    formula: 'allocated − free of /proc/sys/fs/file-nr',
    validity: 'sockets and pipes are open files too',
    reference: FS,
    value: (view) => {
      const { allocated, free } = view.last('file-nr');
      view.used('/proc/sys/fs/file-nr');
      return Math.max(0, allocated - free);
    },
  },
  'files.used_pct': {
    title: 'Open files, share of how many may be',
    unit: '%',
    formula: '100 × files.open / fs.file-max',
    reference: FS,
    value: (view) => {
      const { max } = view.last('file-nr');
      if (max >= NO_LIMIT) throw new Unknown('fs.file-max sets no limit');
      return (100 * view.number('files.open')) / max;
    },
  },
  'files.growth_rate': {
    title: 'Open files more, per second',
    unit: '1/s',
    formula: 'Δ allocated of /proc/sys/fs/file-nr / Δt',
    validity: 'negative when files were closed',
    reference: FS,
    value: (view) => {
      const { first, last, seconds } = view.pair('file-nr');
      view.used('/proc/sys/fs/file-nr');
      return (last.allocated - first.allocated) / seconds;
    },
  },
});
