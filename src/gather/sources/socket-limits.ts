import { ParseError, quote } from '../../errors.js';
import { bytes, count, type Infer, row } from '../../json-schema.js';
import { basename, present } from '../files.js';
import { unsigned, words } from '../lines.js';
import { defineSource } from '../source.js';

const triple = row({
  low: bytes('no pressure below it'),
  pressure: bytes('above it sockets are kept short'),
  high: bytes('no more than this'),
});
const range = row({ least: bytes(), initial: bytes(), most: bytes() });
type Three = readonly [number, number, number];

/** How much memory sockets may have: all together, and each. */
export default defineSource({
  title: '/proc/sys/net',
  docs: 'https://docs.kernel.org/networking/ip-sysctl.html',
  reads: [
    ...['tcp_mem', 'udp_mem', 'tcp_rmem', 'tcp_wmem', 'tcp_max_orphans'].map((name) => `proc/sys/net/ipv4/${name}`),
    ...['rmem_default', 'rmem_max', 'wmem_default', 'wmem_max', 'optmem_max'].map((name) => `proc/sys/net/core/${name}`),
  ],
  cadence: 'first',
  schema: row(
    {},
    {
      tcp: triple,
      udp: triple,
      tcpReceive: range,
      tcpSend: range,
      maxOrphans: count('TCP sockets without a process'),
      receiveDefault: bytes(),
      receiveMax: bytes('what SO_RCVBUF may ask for'),
      sendDefault: bytes(),
      sendMax: bytes('what SO_SNDBUF may ask for'),
      optionMax: bytes('ancillary data of one socket'),
    },
  ),
  parseFiles: (files, { pageSize }) => {
    const texts = new Map([...files].map(([path, text]) => [basename(path), text]));
    const one = (name: string): number | undefined => {
      const text = texts.get(name);
      return text === undefined ? undefined : unsigned(text.trim(), name);
    };
    return present({
      tcp: limits(texts, 'tcp_mem', pageSize),
      udp: limits(texts, 'udp_mem', pageSize),
      tcpReceive: buffers(texts, 'tcp_rmem'),
      tcpSend: buffers(texts, 'tcp_wmem'),
      maxOrphans: one('tcp_max_orphans'),
      receiveDefault: one('rmem_default'),
      receiveMax: one('rmem_max'),
      sendDefault: one('wmem_default'),
      sendMax: one('wmem_max'),
      optionMax: one('optmem_max'),
    });
  },
});

function limits(texts: ReadonlyMap<string, string>, name: string, unit: number): Infer<typeof triple> | undefined {
  const three = threeOf(texts, name);
  return three && { low: three[0] * unit, pressure: three[1] * unit, high: three[2] * unit };
}

function buffers(texts: ReadonlyMap<string, string>, name: string): Infer<typeof range> | undefined {
  const three = threeOf(texts, name);
  return three && { least: three[0], initial: three[1], most: three[2] };
}

function threeOf(texts: ReadonlyMap<string, string>, name: string): Three | undefined {
  const text = texts.get(name);
  if (text === undefined) return undefined;
  const [a, b, c, ...rest] = words(text).map((word) => unsigned(word, name));
  if (a === undefined || b === undefined || c === undefined || rest.length > 0)
    throw new ParseError(`${name}: found ${quote(text.trim())}, expected three numbers`);
  return [a, b, c];
}
