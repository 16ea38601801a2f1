import { defineFamily, type Details, victim } from './family.js';

/** `12m (x4 over 25m)` of kubectl, `(x4)`: how often an event came. */
const TIMES = /\(x(\d{1,6})(?: over [\w.]{1,16})?\)/;
const MANY = (text: string): Details => {
  const times = Number(TIMES.exec(text)?.[1] ?? 1);
  return times > 1 ? { count: times } : {};
};

/**
 * Kubernetes, pkg/kubelet/eviction/eviction_manager.go: plain words until 1.19, structured ones since. It evicts for disk and
 * process numbers as well: only what says memory is an event. pkg/kubelet/oom/oom_watcher_linux.go: the kubelet repeats what
 * the kernel log says of kills that are not at the limit of a container.
 */
export default defineFamily({
  holds: ['viction manager: ', 'low on resource: memory', 'System OOM encountered', 'Created an OOM event', 'HasInsufficientMemory'],
  sayings: [
    {
      kind: 'eviction',
      pattern:
        /\b[Ee]viction manager: (?:(?:attempting to reclaim|must evict pod\(s\) to reclaim)"?(?: memory\b| .{0,40}resourceName="?memory\b)|node conditions - observed: \[.{0,80}\bMemoryPressure\b|thresholds - reclaim not satisfied: .{0,20}signal=memory\.available\b)/,
      tells: () => ({ program: 'kubelet' }),
      alike: () => 'kubelet',
      once: true,
    },
    {
      kind: 'eviction',
      pattern: /\bThe node was low on resource: memory\b/,
      tells: (_, { text }) => ({ program: 'kubelet', ...MANY(text) }),
      alike: () => 'pod',
    },
    {
      // pkg/kubelet/nodestatus/setters.go: the condition, and the event when it changes
      kind: 'eviction',
      pattern: /\b(?:Kubelet|Node)HasInsufficientMemory\b/,
      tells: (_, { text }) => ({ program: 'kubelet', ...MANY(text) }),
      alike: () => 'condition',
      once: true,
    },
    {
      // pkg/kubelet/cm, cadvisor: manager.go; “/” is the host
      kind: 'oom-kill',
      pattern: /\bCreated an OOM event in container "?\/"? at\b/,
      alike: () => 'kubelet',
    },
    {
      kind: 'oom-kill',
      pattern: /\bSystem OOM encountered(?:, victim process: (.{1,64}?), pid: (\d{1,10}))?/,
      tells: ([, name, pid], { text }) => ({ ...MANY(text), ...(name === undefined ? {} : victim(name, pid)) }),
      alike: ([, name = '', pid = '']) => `kubelet ${name} ${pid}`,
    },
  ],
  follows: (event, text) => {
    if (event.kind !== 'eviction' || event.victims !== undefined) return null;
    const match =
      /\b[Ee]viction manager: pod (?:is evicted successfully" pod="?([^"\s]{1,320})|([^"\s]{1,320}) is evicted successfully)/.exec(text);
    return match ? victim(match[1] ?? match[2] ?? '', undefined) : null;
  },
});
