/** The packs in examples/: how many rules each has at least, and what they say of samples. */
export const RULE_EXAMPLES: readonly (readonly [string, number, Readonly<Record<string, readonly string[]>>])[] = [
  [
    'examples/postgres-host',
    5,
    {
      'many-small-processes': ['postgres/dx-too-many-backends notice', 'postgres/overcommit-not-strict notice'],
      'swap-thrash': ['swap-full notice'],
      'healthy-page-cache-full': ['postgres/overcommit-not-strict notice'],
    },
  ],
  [
    'examples/kubernetes-node',
    5,
    {
      'oom-memcg-v2': ['k8s/container-oom-killed critical'],
      'memcg-high-throttle': ['k8s/container-braked critical'],
      'swap-full': ['k8s/eviction-near critical'],
      'healthy-idle': [],
    },
  ],
  [
    'examples/small-appliance',
    5,
    {
      'swap-thrash': ['appliance/flash-worn-by-swap critical'],
      'anon-leak-process': ['appliance/one-process-owns-the-device warning'],
      'healthy-idle': ['appliance/no-room-to-swap notice'],
    },
  ],
];
