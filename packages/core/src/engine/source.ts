import type { ShareColumn } from './block.ts';

/**
 * A source has two halves: a reader, which runs once where the flow is coordinated and cuts the input into blocks, and
 * `decode`, a pure function that turns a block into records on whichever worker the block was dealt to.
 */
export interface Source<T> {
  readonly kind: string;
  /** What it reads, for messages and pictures. */
  readonly name: string;
  /** False for a source that may go on for ever. */
  readonly bounded: boolean;
  open(options: OpenOptions): SourceReader;
  decode(payload: Payload): Decoded<T>;
  /**
   * Puts the entries of a block apart by the value of a column, where that is cheaper than decoding them: every entry is in exactly one
   * part, and one whose column holds the key should be in that of the key's owner.
   * @returns by worker; valid until the next call. What is decoded of them must hold none of their bytes
   */
  divide?(payload: BytesPayload, by: ShareColumn, workers: number): BytesPayload[];
  /** The checks that this source makes of its records, over what another source decodes. */
  over?(decoded: Source<unknown>): Source<T>;
  /** How people find record `index` of the source: `line 17`. */
  place?(index: number): string;
}

export interface OpenOptions {
  /** Stop after that many entries. */
  readonly limit: number;
  /** Go on behind the block that had this `offset`. */
  readonly from?: unknown;
}

export interface SourceReader {
  /** Number of partitions, 1 if not given: parts with an event time of their own. */
  readonly partitions?: number;
  /** The next block, or null at the end. */
  read(): Promise<SourceBlock | null>;
  close(): Promise<void>;
}

export interface SourceBlock {
  readonly payload: Payload;
  /** Number of entries in the source before this block. */
  readonly first: number;
  /** Where to go on behind this block, for `open`; plain data. With partitions: of all of them. */
  readonly offset?: unknown;
  /** 0 to `partitions` - 1; 0 if not given. */
  readonly partition?: number;
  /** True when this was the partition's last block. */
  readonly ended?: boolean;
  /** Fraction of the source that was read with this block, where it is known. */
  readonly progress?: number;
}

/** Bytes cross to a worker by transfer, or lie in memory that all of them see; items by structured clone. `head` is what every block needs, a CSV header say. */
export type Payload = BytesPayload | { readonly items: readonly unknown[]; readonly head?: string };

export interface BytesPayload {
  readonly bytes: Uint8Array;
  readonly head?: string;
  /** Where the bytes are a part of a block: the place of each of its entries in the whole. */
  readonly places?: Int32Array;
  /** Of the whole, told to one part: entries that are no records. */
  readonly rejected?: readonly Rejected[];
}

export interface Decoded<T> {
  readonly items: readonly T[];
  /** Positions of the items in the block, where some entries were rejected; null means 0, 1, 2, … */
  readonly positions: Int32Array | null;
  readonly rejected: readonly Rejected[];
}

/** An entry that is no record: data, not an error. */
export interface Rejected {
  /** Position of the entry in its block. */
  readonly at: number;
  readonly why: string;
}
