import { defineFamily } from './family.js';

/** net/ipv4/tcp.c, tcp_check_oom() since 3.4; net/ipv4/tcp_timer.c, tcp_out_of_resources() before. */
export default defineFamily({
  begins: ['TCP: ', 'out of memory -- ', 'too many ', 'Out of socket memory'],
  sayings: [
    {
      kind: 'tcp-out-of-memory',
      pattern: /^(?:TCP: ){0,2}out of memory -- consider tuning tcp_mem/,
      tells: () => ({ subsystem: 'net' }),
      alike: () => 'tcp_mem',
    },
    {
      kind: 'tcp-out-of-memory',
      pattern: /^(?:TCP: ){0,2}(?:too many (?:of )?orphaned sockets|Out of socket memory)/,
      tells: () => ({ subsystem: 'net' }),
    },
  ],
});
