/** Where records leave the flow. Runs where the flow is coordinated; gets every record in the order of the source. */
export interface Sink<T> {
  readonly kind: string;
  /** True for a sink whose records stay in the recovery store: they are committed with the state, exactly once. */
  readonly transactional?: true;
  /** True for a sink that may take its time: a run goes on while it delivers. */
  readonly detached?: true;
  /** For a transactional sink with tables of its own: how it writes them in the store's transaction. */
  join?(store: JoinedStore): JoinedWriter<T>;
  /** @returns null where the run has no use for this sink */
  open(context: SinkContext): SinkWriter<T> | null;
}

/** The recovery store, as it shows itself to a sink that writes to it. */
export interface JoinedStore {
  /** The store's open database; what it is depends on the backend. */
  readonly database: unknown;
  readonly path: string;
  /** What the sinks of one store share, by a name of theirs. */
  readonly shared: Map<string, unknown>;
  /** Tells the user of trouble that stops nothing. */
  trouble(message: string): void;
}

export interface JoinedWriter<T> {
  /** Writes the records of an epoch in the transaction at hand; may be called again for the same ones if that fails. */
  write(items: readonly T[]): void;
  /** The transaction is committed. */
  committed?(): void;
  close(): Promise<void>;
}

export interface SinkContext {
  /** Id of the sink's step. */
  readonly step: string;
  /** What the command was asked to print. */
  readonly format: 'text' | 'json';
  /** The command's standard output; resolves when it can take more. */
  print(text: string): Promise<void>;
  /** Tells the user of trouble that stops nothing. */
  trouble(message: string): void;
}

export interface SinkWriter<T> {
  write(items: readonly T[]): Promise<void>;
  /** The run is at its end: what cannot be delivered soon is given up, by rejecting. */
  hurry?(): void;
  close(): Promise<void>;
}
