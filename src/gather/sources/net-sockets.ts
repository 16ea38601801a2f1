import { ParseError, quote } from '../../errors.js';
import { bytes, count, type Infer, list, row, text } from '../../json-schema.js';
import { basename, present } from '../files.js';
import { numeral, words } from '../lines.js';
import { eachLine, type Line } from '../ranking.js';
import { defineSource } from '../source.js';

const KEPT = 10;

const queue = row({
  protocol: text(),
  local: text('address:port, as the kernel prints it: hexadecimal'),
  inode: count('the socket:[inode] among the open files of its process; 0 when no process has it'),
  uid: count(),
  receive: bytes(),
  send: bytes(),
});
type Queue = Infer<typeof queue>;
const queued = row({ sockets: count(), receive: bytes('not read by the program'), send: bytes('not acknowledged by the other side') });
const plain = row({ sockets: count() });

const QUEUED = ['tcp', 'tcp6', 'udp', 'udp6'] as const;

/** The sockets of this network namespace, one by one: what waits in their queues. */
export default defineSource({
  title: '/proc/net/{tcp,udp,unix,packet,netlink}',
  docs: 'https://docs.kernel.org/networking/proc_net_tcp.html',
  reads: [...QUEUED, 'unix', 'packet', 'netlink'].map((name) => `proc/net/${name}`),
  cadence: 'last',
  heavy: true,
  limits: { maxBytes: 8 << 20, deadlineMs: 2000 },
  schema: row(
    { largest: list(queue, `the ${KEPT} longest queues`) },
    { tcp: queued, tcp6: queued, udp: queued, udp6: queued, unix: plain, packet: queued, netlink: queued },
  ),
  parseFiles: (files) => {
    const texts = new Map([...files].map(([path, body]) => [basename(path), body]));
    const largest: Queue[] = [];
    const sums = QUEUED.map((protocol) => [protocol, ofProtocol(texts.get(protocol), protocol, largest)] as const);
    return {
      largest: longest(largest),
      ...present(Object.fromEntries(sums) as Record<(typeof QUEUED)[number], Infer<typeof queued> | undefined>),
      ...present({
        unix: socketsOnly(counted(texts.get('unix'), 'unix', [])),
        packet: counted(texts.get('packet'), 'packet', ['Rmem']),
        netlink: counted(texts.get('netlink'), 'netlink', ['Rmem', 'Wmem']),
      }),
    };
  },
});

const socketsOnly = (sums: Infer<typeof queued> | undefined): Infer<typeof plain> | undefined => sums && { sockets: sums.sockets };

const longest = (queues: readonly Queue[]): Queue[] =>
  queues.toSorted((a, b) => b.receive + b.send - a.receive - a.send || a.inode - b.inode).slice(0, KEPT);

/** Rows "sl: local remote st tx_queue:rx_queue …", hexadecimal. Appends those with something in their queues to `into`. */
function ofProtocol(body: string | undefined, protocol: (typeof QUEUED)[number], into: Queue[]): Infer<typeof queued> | undefined {
  if (body === undefined) return undefined;
  const sums = { sockets: 0, receive: 0, send: 0 };
  for (const { line, number, whole } of rows(body, /local_address/, protocol)) {
    const match =
      /^\s*\d+:\s+([0-9A-F]{8,32}:[0-9A-F]{4})\s+[0-9A-F]{8,32}:[0-9A-F]{4}\s+([0-9A-F]{2})\s+([0-9A-F]{8}):([0-9A-F]{8})\s+\S+\s+\S+\s+(\d{1,10})\s+\d+\s+(\d{1,20})\b/.exec(
        line,
      );
    if (!match) {
      if (!whole) continue;
      throw new ParseError(`${protocol} line ${number}: found ${quote(line)}, expected "number: local remote state tx_queue:rx_queue …"`);
    }
    const [, local = '', state, send = '', receive = '', uid, inode] = match;
    sums.sockets += 1;
    // of a listening socket (0A) they are the connections that wait to be accepted, and how many may
    if (state === '0A') continue;
    const found = { receive: Number.parseInt(receive, 16), send: Number.parseInt(send, 16) };
    sums.receive += found.receive;
    sums.send += found.send;
    if (found.receive + found.send === 0) continue;
    into.push({ protocol, local, inode: Number(inode), uid: Number(uid), ...found });
    if (into.length >= 40 * KEPT) into.splice(0, into.length, ...longest(into));
  }
  return sums;
}

/** Counts rows; sums the named columns, which stand where the header has them: the first is what was received. */
function counted(body: string | undefined, name: string, columns: readonly string[]): Infer<typeof queued> | undefined {
  if (body === undefined) return undefined;
  const sums = { sockets: 0, receive: 0, send: 0 };
  const places = columns.map((column) => words(body.slice(0, body.indexOf('\n') + 1)).indexOf(column));
  for (const { line, number, whole } of rows(body, /RefC(?:n|oun)t|^sk\s/, name)) {
    const cells = words(line);
    if (!/^(?:0x)?[0-9a-fA-F()_ptrval]+:?$/.test(cells[0] ?? '')) {
      // the path of a unix socket may hold a line break
      if (name === 'unix' || !whole) continue;
      throw new ParseError(`${name} line ${number}: found ${quote(line)}, expected an address`);
    }
    sums.sockets += 1;
    for (const [index, place] of places.entries()) {
      if (place < 0 || (!whole && cells[place] === undefined)) continue;
      // netlink printed it signed
      const value = Math.max(0, numeral(cells[place], `${name} line ${number} (${columns[index]})`));
      sums[index === 0 ? 'receive' : 'send'] += value;
    }
  }
  return sums;
}

function* rows(body: string, header: RegExp, name: string): Generator<Line> {
  for (const each of eachLine(body)) {
    if (each.number > 1) yield each;
    else if (!header.test(each.line)) throw new ParseError(`${name}: found ${quote(each.line)}, expected the names of the columns`);
  }
}
