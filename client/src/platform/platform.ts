/** Bytes of a known length that can be read more than once, which is what repeating a part needs. */
export type Bytes = {
  sizeBytes: number;
  /** A file's name. */
  name?: string | undefined;
  contentType?: string | undefined;
  /**
   * The bytes from `from` up to `to`, in pieces of a mebibyte or so many bytes as are given; the last may be less. A piece
   * holds its bytes until the next is asked for.
   */
  pieces(from: number, to: number, pieceBytes?: number): AsyncIterable<Uint8Array>;
  /** The SHA-256 of each part, lower-case hex, where they can be had sooner than by reading its pieces. */
  partSha256s?:
    | ((partSizeBytes: number, signal: AbortSignal, onHashed: (doneBytes: number) => void) => Promise<string[]>)
    | undefined;
  /** The same as a Blob, where the source is one. */
  blob?: ((from: number, to: number) => Blob) | undefined;
  /** Gives back what the source holds: a file, a temporary one. */
  close(): Promise<void>;
};

export type Hash = {
  update(piece: Uint8Array): void;
  /** Lower-case hex. What comes after it is hashed anew. */
  digest(): string;
};

export type PutRequest = {
  url: string;
  headers: Readonly<Record<string, string>>;
  bytes: Bytes;
  from: number;
  to: number;
  signal: AbortSignal;
  /** How many bytes of the body have left, from the first. */
  onSent: (sentBytes: number) => void;
};

export type PutAnswer = { status: number; retryAfter: string | undefined; text: string };

/** A file that is written from its beginning. */
export type WritableFile = {
  write(piece: Uint8Array): Promise<void>;
  /** The bytes written so far, to hash those that an earlier process left. */
  bytes(): Bytes;
  sizeBytes(): Promise<number>;
  truncate(): Promise<void>;
  /** Closes it and gives it its name. */
  finish(): Promise<void>;
  close(): Promise<void>;
};

/** Operations that differ between Node and browsers. `#platform` is the one at hand. */
export type Platform = {
  openFile(path: string | URL): Promise<Bytes>;
  /** Keeps a stream, whose length nobody knows, until it has ended: in a temporary file, or in a Blob. */
  keepStream(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Bytes>;
  newSha256(): Promise<Hash>;
  put(request: PutRequest): Promise<PutAnswer>;
  createFile(path: string | URL): Promise<WritableFile>;
};
