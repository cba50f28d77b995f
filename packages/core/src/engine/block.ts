/**
 * A block is the unit of work: a piece of one partition of one source. Blocks are numbered in the order in which everything
 * happens; what is known of a block travels with its records through every stage.
 */
export interface BlockInfo {
  readonly number: number;
  /** Id of the source's step. */
  readonly source: string;
  /** Entries of the source before this block. */
  readonly first: number;
  readonly partition: number;
  /** Number of partitions of the source. */
  readonly partitions: number;
  /** True when the partition has ended with this block: it holds back no watermark any more. */
  readonly ended: boolean;
  /** True when who reads the partition knows that it has been silent for its `idle`: until its next mark it holds back nothing. */
  readonly idle?: boolean;
  /** Where all workers have the block, and each takes its share of the entries: the column by which they are shared. */
  readonly share?: ShareColumn;
  /** Processing time at which the block was read, in epoch milliseconds. */
  readonly now: number;
  /** True for the last block of all: what is still open closes. */
  readonly last: boolean;
  /** State is taken after this block: it ends an epoch. */
  readonly epochEnd: boolean;
}

/** The column of a source's entries that holds the key by which they are shared, and whether the keys are numbers. */
export interface ShareColumn {
  readonly column: string;
  readonly numeric: boolean;
}

/**
 * How event time rises within a block, seen by one of the workers that share it: from each of these ranks on (column 0) its own records
 * let the watermark be this much.
 */
export interface MarkSteps {
  readonly ranks: Int32Array;
  /** Epoch milliseconds; they rise. */
  readonly marks: Float64Array;
}

/** What the records of a block let the watermark of their partition be; learned where event time is read. */
export interface BlockMark {
  /** Epoch milliseconds; -Infinity while no time was read. */
  readonly mark: number;
  /** The partition stops holding back after this long without records, in milliseconds. */
  readonly idleMs: number;
}

export const NO_MARK: BlockMark = { mark: -Infinity, idleMs: Infinity };
