/** Where records leave the flow. Runs where the flow is coordinated; gets every record in the order of the source. */
export interface Sink<T> {
  readonly kind: string;
  /** True for a sink whose records stay in the recovery store: they are committed with the state, exactly once. */
  readonly transactional?: true;
  open(context: SinkContext): SinkWriter<T>;
}

export interface SinkContext {
  /** Id of the sink's step. */
  readonly step: string;
  /** What the command was asked to print. */
  readonly format: 'text' | 'json';
  /** The command's standard output; resolves when it can take more. */
  print(text: string): Promise<void>;
}

export interface SinkWriter<T> {
  write(items: readonly T[]): Promise<void>;
  close(): Promise<void>;
}
