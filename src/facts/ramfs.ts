/** Files in ramfs: file cache that nothing may drop and nothing limits, and that no mount tells the size of. */
import { defineFacts, type Entity, Unknown } from './fact.js';
import type { View } from './view.js';

const REFERENCE = 'https://docs.kernel.org/mm/unevictable-lru.html';
/** systemd keeps credentials of services in a ramfs each: some kilobytes. */
const TINY = /^\/run\/credentials\//;

export default defineFacts({
  'ramfs.bytes': {
    title: 'File cache that can never be evicted: files in ramfs',
    unit: 'bytes',
    formula: 'max(0, Unevictable − Mlocked − Shmem)',
    validity: 'a minimum: locked shared memory is taken to be all of Shmem; a lock that was given up in part may leave some as well',
    reference: REFERENCE,
    value: bytes,
  },
  'ramfs.pct': {
    title: 'File cache that can never be evicted, share of memory outside of huge page pools',
    unit: '%',
    formula: '100 × ramfs.bytes / ram.usable_bytes',
    reference: REFERENCE,
    value: (view) => (100 * bytes(view)) / view.number('ram.usable_bytes'),
  },
  'owner.ramfs': {
    title: 'The ramfs that holds it',
    unit: 'entity',
    formula: 'the mount of type ramfs, when there is one beside those of /run/credentials; unknown when it holds less than tmpfs does',
    value: (view): Entity => {
      if (bytes(view) <= (view.maybe(() => view.number('shm.tmpfs_used_bytes')) ?? 0)) throw new Unknown('files in tmpfs hold more');
      const found = view.last('mounts').filter(({ type, mountpoint }) => type === 'ramfs' && !TINY.test(mountpoint));
      view.used('/proc/self/mountinfo');
      const [first, second] = found;
      if (!first || second) throw new Unknown('there is no ramfs, or more than one');
      return { kind: 'mount', name: first.mountpoint, bytes: bytes(view) };
    },
  },
});

function bytes(view: View): number {
  return Math.max(0, view.meminfo('Unevictable') - view.meminfo('Mlocked') - view.meminfo('Shmem'));
}
