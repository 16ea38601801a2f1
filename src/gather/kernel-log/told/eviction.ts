import { defineFamily, victim } from './family.js';

/**
 * Kubernetes, pkg/kubelet/eviction/eviction_manager.go: plain words until 1.19, structured ones since. It evicts for disk and
 * process numbers as well: only what says memory is an event.
 */
export default defineFamily({
  holds: ['viction manager: ', 'low on resource: memory'],
  sayings: [
    {
      kind: 'eviction',
      pattern:
        /\b[Ee]viction manager: (?:attempting to reclaim|must evict pod\(s\) to reclaim)"?(?: memory\b| .{0,40}resourceName="?memory\b)/,
      tells: () => ({ program: 'kubelet' }),
      alike: () => 'kubelet',
      once: true,
    },
    {
      kind: 'eviction',
      pattern: /\bThe node was low on resource: memory\b/,
      tells: () => ({ program: 'kubelet' }),
      alike: () => 'pod',
    },
  ],
  follows: (event, text) => {
    if (event.kind !== 'eviction' || event.victims !== undefined) return null;
    const match =
      /\b[Ee]viction manager: pod (?:is evicted successfully" pod="?([^"\s]{1,320})|([^"\s]{1,320}) is evicted successfully)/.exec(text);
    return match ? victim(match[1] ?? match[2] ?? '', undefined) : null;
  },
});
