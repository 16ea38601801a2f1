import { ParseError, quote } from '../../errors.js';
import { bytes, count, type Infer, row } from '../../json-schema.js';
import { lines, unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

const schema = row(
  {},
  {
    used: count('sockets of all kinds, of this network namespace'),
    tcpInUse: count('of this network namespace'),
    tcpOrphans: count('that no process has any more; of all namespaces'),
    tcpTimeWait: count(),
    tcpAllocated: count('of all namespaces, not yet closed ones with them'),
    tcpBytes: bytes('charged to TCP sockets, of all namespaces'),
    udpInUse: count(),
    udpBytes: bytes('charged to UDP sockets, of all namespaces'),
    fragments: count('datagrams that wait for the rest of them'),
    fragmentBytes: bytes(),
    tcp6InUse: count(),
    udp6InUse: count(),
    fragments6: count(),
    fragment6Bytes: bytes(),
  },
);
type Member = keyof Infer<typeof schema>;

/** Protocol and column, as the kernel prints them; `mem` counts pages. */
const MEMBERS = new Map<string, Member>([
  ['sockets used', 'used'],
  ['TCP inuse', 'tcpInUse'],
  ['TCP orphan', 'tcpOrphans'],
  ['TCP tw', 'tcpTimeWait'],
  ['TCP alloc', 'tcpAllocated'],
  ['TCP mem', 'tcpBytes'],
  ['UDP inuse', 'udpInUse'],
  ['UDP mem', 'udpBytes'],
  ['FRAG inuse', 'fragments'],
  ['FRAG memory', 'fragmentBytes'],
  ['TCP6 inuse', 'tcp6InUse'],
  ['UDP6 inuse', 'udp6InUse'],
  ['FRAG6 inuse', 'fragments6'],
  ['FRAG6 memory', 'fragment6Bytes'],
]);

/** Sockets by protocol, and the memory of TCP and UDP. */
export default defineSource({
  title: '/proc/net/sockstat',
  docs: 'https://man7.org/linux/man-pages/man5/proc_pid_net.5.html',
  reads: ['proc/net/sockstat', 'proc/net/sockstat6'],
  cadence: 'full',
  paste: 'cat /proc/net/sockstat',
  schema,
  parseFiles: (files, { pageSize }) => {
    const found = [...files].flatMap(([path, text]) =>
      lines(text).flatMap((line, index) => columnsOf(line, `${path} line ${index + 1}`, pageSize)),
    );
    if (found.length === 0) throw new ParseError('no protocol in it');
    return Object.fromEntries(found);
  },
});

/** "TCP: inuse 5 orphan 0": the columns that are known. A protocol may bring others. */
function columnsOf(line: string, where: string, pageSize: number): [Member, number][] {
  if (line.trim() === '') return [];
  const [, protocol, rest] = /^([A-Za-z][\w-]{0,20}):\s(.*)$/.exec(line) ?? [];
  if (protocol === undefined || rest === undefined)
    throw new ParseError(`${where}: found ${quote(line)}, expected "protocol: name number …"`);
  const parts = words(rest);
  return parts.flatMap((column, at): [Member, number][] => {
    if (at % 2 === 1) return [];
    const value = unsigned(parts[at + 1], `${where} (${protocol} ${column})`);
    const member = MEMBERS.get(`${protocol} ${column}`);
    return member === undefined ? [] : [[member, column === 'mem' ? value * pageSize : value]];
  });
}
