/** Cached names and inodes that the kernel counts as reclaimable and cannot drop, because somebody has the file open or watches it. */
import { defineFacts, type Entity, Unknown } from './fact.js';
import { widest } from './open-files.js';
import { bytesOf, type Cache, caches, isOfFiles } from './slab-caches.js';
import type { View } from './view.js';

/** A busy server has fewer files open, or watches fewer: they are not worth a look. */
const MANY = 20_000;
const HALF = 0.5;
const INODES = /inode/;
const OF_SECURITY = /^lsm_inode_cache$/;
const MARKS = /^(inotify_inode_mark\w*|fsnotify_mark|fanotify_mark|dnotify_mark)$/;
/** SLUB merges the marks of inotify (80 bytes) into the cache of queued signals, of which a user may have some thousands. */
const MERGED = /^sigqueue$/;
const SIGNALS = 50_000;

export default defineFacts({
  'slab.watches': {
    title: 'Watches of files (inotify, fanotify)',
    unit: 'count',
    formula:
      'active_objs of inotify_inode_mark, fsnotify_mark and their like; else of sigqueue, from 50000 on, which the first is merged into',
    validity: '0 also where the cache of the watches was merged into another one',
    reference: 'https://man7.org/linux/man-pages/man7/inotify.7.html',
    value: watches,
  },
  'slab.pinned_bytes': {
    title: 'Cached names and inodes that open files and watches hold fast, at the least',
    unit: 'bytes',
    formula:
      'of dentry the share min(files.open, nr_dentry − nr_unused) / nr_dentry, of the caches of inodes the share max(that many, slab.watches) / their objects; 0 below 20000 files and watches',
    validity: 'counted as reclaimable slab, and in part as available: it is neither until the files are closed and the watches removed',
    value: pinned,
  },
  'slab.pinned_pct': {
    title: 'Cached names and inodes that open files and watches hold fast, share of memory outside of huge page pools',
    unit: '%',
    formula: '100 × slab.pinned_bytes / ram.usable_bytes',
    value: (view) => {
      const bytes = pinned(view);
      return bytes > 0 ? (100 * bytes) / view.number('ram.usable_bytes') : 0;
    },
  },
  'slab.pinned_share_pct': {
    title: 'Share of the cached names and inodes that open files and watches hold fast',
    unit: '%',
    formula: '100 × slab.pinned_bytes / slab.names_bytes; 0 where nothing is known of it',
    value: (view) => {
      const names = view.maybe(() => view.number('slab.names_bytes')) ?? 0;
      return names > 0 ? Math.min(100, (100 * pinned(view)) / names) : 0;
    },
  },
  'owner.slab_holder': {
    title: 'Who holds open what fills the slab',
    unit: 'entity',
    formula:
      'the process with half or more of all open files, from 20000 on; else owner.slab_charged, or owner.pinned_charged where names and inodes are held fast',
    value: slabHolder,
  },
});

const share = (count: number, of: number): number => (of > 0 ? Math.min(1, count / of) : 0);
const sum = (all: readonly Cache[]): number => all.reduce((count, { activeObjects }) => count + activeObjects, 0);

function watches(view: View): number {
  const listed = view.maybe(() => caches(view)) ?? [];
  const marks = sum(listed.filter(({ name }) => MARKS.test(name)));
  const merged = sum(listed.filter(({ name }) => MERGED.test(name)));
  return merged >= SIGNALS ? Math.max(marks, merged) : marks;
}

function pinned(view: View): number {
  const files = view.maybe(() => openNames(view)) ?? 0;
  const held = Math.max(files, watches(view));
  if (held < MANY) return 0;
  const listed = (view.maybe(() => caches(view)) ?? []).filter((cache) => isOfFiles(cache));
  const total = view.maybe(() => view.last('dentry-state').total) ?? 0;
  const names = listed.filter(({ name }) => name === 'dentry');
  const inodes = listed.filter(({ name }) => INODES.test(name) && !OF_SECURITY.test(name));
  return bytesOf(names) * share(files, total) + bytesOf(inodes) * share(held, sum(inodes));
}

/** Names in use because a file is open: others in use are those of directories, which go with what is cached below them. */
function openNames(view: View): number {
  const { total, unused } = view.last('dentry-state');
  view.used('/proc/sys/fs/dentry-state');
  return Math.min(view.number('files.open'), Math.max(0, total - unused));
}

/** @throws Unknown when nobody stands out */
function slabHolder(view: View): Entity {
  const open = view.maybe(() => view.number('files.open')) ?? 0;
  const most = open >= MANY ? view.maybe(() => widest(view)) : undefined;
  if (most && most.files >= open * HALF) return { kind: 'process', name: most.holder.name, pid: most.holder.pid, bytes: null };
  const charged = view.maybe(() => view.entity('owner.slab_charged'));
  if (charged) return charged;
  if (pinned(view) > 0) return view.entity('owner.pinned_charged');
  throw new Unknown('no process and no cgroup stands out');
}
