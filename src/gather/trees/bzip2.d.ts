/** The decoder inside unbzip2-stream: one block at a time, which its stream does not do. */
declare module 'unbzip2-stream/lib/bzip2.js' {
  /** Gives the next `count` bits; null: to the next whole byte. */
  type Bits = (count: number | null) => number;
  const bzip2: {
    /** Reads the header of a stream. @returns its block size in units of 100,000 bytes. */
    header(bits: Bits): number;
    /** Reads a block, each byte of it to `out`; null after the last one, else the checksum so far. */
    decompress(bits: Bits, out: (byte: number) => void, block: Int32Array, size: number, crc: number): number | null;
  };
  export default bzip2;
}
