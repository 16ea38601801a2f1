import type { SourceData } from '../gather/snapshot.js';
import { defineFacts, Unknown } from './fact.js';
import { ofHostRam } from './host-share.js';
import type { View } from './view.js';

const SYSCTL = 'https://docs.kernel.org/networking/ip-sysctl.html';

/** What sockets hold. The kernel charges the true size of each buffer to a count for all of TCP and one for all of UDP. */
export default defineFacts({
  'tcp.mem_bytes': {
    title: 'Memory of TCP sockets',
    unit: 'bytes',
    formula: 'TCP mem of sockstat × page size',
    validity: 'of all network namespaces; a part of it may lie in slab',
    value: (view) => stat(view, 'tcpBytes', 'TCP mem'),
  },
  'tcp.mem_pct': {
    title: 'Memory of TCP sockets, against the most that they may have',
    unit: '%',
    formula: '100 × TCP mem / third of net.ipv4.tcp_mem',
    validity: 'above 100 % packets are dropped and sockets closed: “TCP: out of memory”',
    reference: SYSCTL,
    value: (view) => share(view, 'tcp', 'high'),
  },
  'tcp.pressure_pct': {
    title: 'Memory of TCP sockets, against the start of pressure',
    unit: '%',
    formula: '100 × TCP mem / second of net.ipv4.tcp_mem',
    validity: 'from 100 % on the kernel keeps the windows of all connections small',
    reference: SYSCTL,
    value: (view) => share(view, 'tcp', 'pressure'),
  },
  'tcp.orphans_pct': {
    title: 'TCP sockets without a process, against the most that there may be',
    unit: '%',
    formula: '100 × TCP orphan of sockstat / net.ipv4.tcp_max_orphans',
    validity: 'from 100 % on, and from half of it for a connection that stalls, connections are reset: “too many orphaned sockets”',
    reference: SYSCTL,
    value: (view) => {
      const most = view.last('socket-limits').maxOrphans;
      view.used('/proc/sys/net/ipv4/tcp_max_orphans');
      if (most === undefined || most === 0) throw new Unknown('net.ipv4.tcp_max_orphans was not read');
      return (100 * stat(view, 'tcpOrphans', 'TCP orphan')) / most;
    },
  },
  'udp.mem_bytes': {
    title: 'Memory of UDP sockets',
    unit: 'bytes',
    formula: 'UDP mem of sockstat × page size',
    validity: 'of all network namespaces',
    value: (view) => stat(view, 'udpBytes', 'UDP mem'),
  },
  'udp.mem_pct': {
    title: 'Memory of UDP sockets, against the most that they may have',
    unit: '%',
    formula: '100 × UDP mem / third of net.ipv4.udp_mem',
    reference: SYSCTL,
    value: (view) => share(view, 'udp', 'high'),
  },
  'sock.bytes': {
    title: 'Memory of TCP and UDP sockets, and of fragments',
    unit: 'bytes',
    formula: '(TCP mem + UDP mem) × page size + FRAG memory + FRAG6 memory of sockstat',
    value: (view) => socketBytes(sockstat(view)),
  },
  'sock.pct': {
    title: 'Memory of sockets, share of MemTotal',
    unit: '%',
    formula: '100 × sock.bytes / MemTotal',
    value: (view) => ofHostRam(view, view.number('sock.bytes')),
  },
  'sock.acct_share_pct': {
    title: 'Memory of sockets, against the memory that no counter accounts for',
    unit: '%',
    formula: '100 × sock.bytes / acct.unaccounted_bytes',
    validity: 'above 100 % the rest of it lies in slab',
    value: (view) => {
      const missing = view.number('acct.unaccounted_bytes');
      if (missing <= 0) throw new Unknown('no memory is unaccounted for');
      return (100 * view.number('sock.bytes')) / missing;
    },
  },
  'sock.slab_share_pct': {
    title: 'Memory of sockets that lies in slab, against the slab that only its users can give up',
    unit: '%',
    formula: '100 × min(1, (sock.bytes − max(0, acct.unaccounted_bytes)) / slab.unreclaimable_bytes)',
    validity: 'the data of a packet is kmalloc memory (slab), or pages that no counter accounts for: what those cannot hold is in slab',
    value: (view) => {
      const inSlab = Math.max(0, view.number('sock.bytes') - Math.max(0, view.number('acct.unaccounted_bytes')));
      return Math.min(100, (100 * inSlab) / view.number('slab.unreclaimable_bytes'));
    },
  },
  'sock.tcp_count': {
    title: 'TCP sockets',
    unit: 'count',
    formula: 'TCP alloc of sockstat',
    value: (view) => stat(view, 'tcpAllocated', 'TCP alloc'),
  },
  'sock.orphan_count': {
    title: 'TCP sockets that no process has any more',
    unit: 'count',
    formula: 'TCP orphan of sockstat',
    value: (view) => stat(view, 'tcpOrphans', 'TCP orphan'),
  },
  'sock.orphan_pct': {
    title: 'TCP sockets without a process, against the most there may be',
    unit: '%',
    formula: '100 × TCP orphan / net.ipv4.tcp_max_orphans',
    reference: SYSCTL,
    value: (view) => {
      const most = view.last('socket-limits').maxOrphans;
      view.used('/proc/sys/net/ipv4/tcp_max_orphans');
      if (most === undefined) throw new Unknown('net.ipv4.tcp_max_orphans was not read');
      return (100 * view.number('sock.orphan_count')) / most;
    },
  },
  'sock.unread_bytes': {
    title: 'In receive queues: what programs have not read',
    unit: 'bytes',
    formula: 'Σ rx_queue of /proc/net/{tcp,tcp6,udp,udp6}',
    validity: 'of this network namespace; data, which is less than the memory that holds it',
    value: (view) => queued(view, 'receive'),
  },
  'sock.unsent_bytes': {
    title: 'In send queues: what the other side has not acknowledged',
    unit: 'bytes',
    formula: 'Σ tx_queue of /proc/net/{tcp,tcp6,udp,udp6}',
    validity: 'of this network namespace',
    value: (view) => queued(view, 'send'),
  },
  'net.packet_sockets': {
    title: 'Packet sockets, which may hold rings of memory',
    unit: 'count',
    formula: 'lines of /proc/net/packet',
    validity: 'of this network namespace; the size of the rings is not printed',
    value: (view) => counted(view, 'packet'),
  },
  'net.unix_sockets': {
    title: 'Unix sockets',
    unit: 'count',
    formula: 'lines of /proc/net/unix',
    validity: 'of this network namespace',
    value: (view) => counted(view, 'unix'),
  },
});

/** TCP, UDP and fragments. Pure. */
export const socketBytes = (read: SourceData<'sockstat'>): number =>
  (read.tcpBytes ?? 0) + (read.udpBytes ?? 0) + (read.fragmentBytes ?? 0) + (read.fragment6Bytes ?? 0);

function sockstat(view: View): SourceData<'sockstat'> {
  const read = view.last('sockstat');
  view.used('/proc/net/sockstat');
  return read;
}

function stat(view: View, member: keyof SourceData<'sockstat'>, name: string): number {
  const found = sockstat(view)[member];
  if (found === undefined) throw new Unknown(`/proc/net/sockstat has no ${name}`);
  return found;
}

function share(view: View, protocol: 'tcp' | 'udp', mark: 'pressure' | 'high'): number {
  const limits = view.last('socket-limits')[protocol];
  view.used(`/proc/sys/net/ipv4/${protocol}_mem`);
  if (limits === undefined) throw new Unknown(`net.ipv4.${protocol}_mem was not read`);
  return (100 * view.number(`${protocol}.mem_bytes`)) / limits[mark];
}

function queued(view: View, which: 'receive' | 'send'): number {
  const { tcp, tcp6, udp, udp6 } = view.last('net-sockets');
  view.used('/proc/net/{tcp,tcp6,udp,udp6}');
  const read = [tcp, tcp6, udp, udp6].filter((each) => each !== undefined);
  if (read.length === 0) throw new Unknown('neither TCP nor UDP sockets were read');
  return read.reduce((sum, each) => sum + each[which], 0);
}

function counted(view: View, kind: 'packet' | 'unix'): number {
  const found = view.last('net-sockets')[kind];
  view.used(`/proc/net/${kind}`);
  if (found === undefined) throw new Unknown(`/proc/net/${kind} was not read`);
  return found.sockets;
}
