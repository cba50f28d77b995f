/** What a payload format is to the ingest: one file with one decoder, named in the catalogue. */

/** Takes the fields of one reading. */
export interface FieldSink {
  number(name: string, value: number): void;
  /** Anything else that the reading says. */
  text(name: string, value: string): void;
}

export interface Decoder {
  /** As the mapping names it. */
  readonly name: string;
  readonly summary: string;
  /**
   * Reads one payload, of which nothing is trusted.
   * @param metric what the mapping calls a value that comes without a name
   * @throws LinnetError `data.invalid`
   */
  decode(payload: Uint8Array, metric: string, sink: FieldSink): void;
}
