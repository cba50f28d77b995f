/** A span of event time, or of records, that a key's records are gathered in. Times in epoch milliseconds. */
export interface WindowSpan {
  /** Unique among the windows of a key. */
  readonly id: number;
  readonly start: number;
  /** First instant after the window; for a session and a count window the time of its last record. */
  readonly end: number;
}

/** How records are cut into windows; plain functions over a key's state, which is plain data. */
export interface Windower<S = unknown> {
  readonly name: string;
  /** Parameters as plain data: state made with others is not taken over. */
  readonly settings: unknown;
  /** True where records may join two windows to one, so that folds need a merge. */
  readonly merges: boolean;
  /** True where a record itself can end a window: it is closed before the next record. */
  readonly endsByRecord: boolean;
  initial(): S;
  /** The windows that a record belongs to, opened where they are not; and which windows it joined to one. */
  assign(state: S, time: number): Assignment;
  /** Ids of the windows that a record that came too late would have belonged to; -1 where that cannot be told. */
  lateIds(time: number): readonly number[];
  /** Takes the windows that are over at a watermark from the state, in the order in which they were opened. */
  close(state: S, watermark: number): WindowSpan[];
  /** The watermark at which the next window will be over; Infinity while none is open. */
  due(state: S): number;
  /** When the first window that a record at `time` could open is over. */
  dueOf(time: number): number;
  /** Event time of a window's result: one at which no watermark has passed it when the window closes. Default: `end - 1`. */
  resultTime?(span: WindowSpan): number;
  /** True for a state that is as `initial()` made it; a windower without this is remembered for ever. */
  isFresh?(state: S): boolean;
}

export interface Assignment {
  readonly ids: readonly number[];
  /** `[from, into]`: window `from` is part of `into` now. */
  readonly merged: readonly (readonly [from: number, into: number])[];
}
