/** One entry of an archive, as its reader comes to it. */
export interface PackedEntry {
  readonly name: string;
  /** Why it is passed over, when it is no plain file: `a link`; 'directory' is no news. */
  readonly kind: 'file' | 'directory' | { readonly odd: string };
  /** Of its content, as the archive says. */
  readonly size: number;
  /** The bytes that it takes in the archive, when it is packed by itself. */
  readonly packedSize?: number;
  /** Its content as it comes; what is not asked for before the next entry is passed over. */
  readonly body: () => AsyncIterable<Uint8Array>;
}

/** The archive is not what it should be; whoever knows its name says so. */
export class PackedError extends Error {
  readonly how: 'truncated' | 'damaged' | 'refused';
  constructor(how: 'truncated' | 'damaged' | 'refused', message: string) {
    super(message);
    this.how = how;
  }
}
