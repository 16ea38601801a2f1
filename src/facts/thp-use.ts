import { defineFacts, Unknown } from './fact.js';

/** Programs whose makers ask for transparent huge pages to be off, or by request only: a fork or a sparse heap makes them costly. */
const LATENCY =
  /^(?:redis-server|valkey-server|keydb-server|memcached|beam\.smp|couchbase|aerospike|asd|voltdb|mongod|mongos|cb[a-z]{3,12})$/;
/** Fewer attempts make no share. */
const ATTEMPTS = 50;

/** Who has transparent huge pages, and what becomes of them. */
export default defineFacts({
  'thp.split_rate': {
    title: 'Huge pages split, per second',
    unit: '1/s',
    formula: 'Δ thp_split_page / Δt; before 4.4 thp_split',
    value: (view) => view.maybe(() => view.rate('thp_split_page')) ?? view.rate('thp_split'),
  },
  'thp.collapse_fail_pct': {
    title: 'Attempts of khugepaged to make a huge page that failed for want of a block',
    unit: '%',
    formula: '100 × thp_collapse_alloc_failed / (thp_collapse_alloc + thp_collapse_alloc_failed), of the sample; of one sample, since boot',
    validity: 'at least 50 attempts',
    value: (view) => {
      const count = (name: string): number => view.maybe(() => view.delta(name)) ?? view.vmstat(name);
      const failed = count('thp_collapse_alloc_failed');
      const all = failed + count('thp_collapse_alloc');
      if (all < ATTEMPTS) throw new Unknown(`only ${all} attempts of khugepaged: a share needs ${ATTEMPTS}`);
      return (100 * failed) / all;
    },
  },
  'thp.latency_service': {
    title: 'A program that huge pages are known to slow down',
    unit: 'text',
    formula: 'name of the largest such process: redis-server, mongod, memcached …',
    validity: 'what the maker advises depends on the version',
    value: (view) => {
      const found = view.last('processes').top.find(({ name }) => LATENCY.test(name));
      view.used('/proc/PID/stat comm');
      if (!found) throw new Unknown('no such program is among the largest');
      return found.name;
    },
  },
  'thp.latency_service_runs': {
    title: 'A program runs that huge pages are known to slow down',
    unit: 'boolean',
    formula: 'redis-server, mongod, memcached … among the largest processes',
    value: (view) => {
      view.used('/proc/PID/stat comm');
      return view.last('processes').top.some(({ name }) => LATENCY.test(name));
    },
  },
});
