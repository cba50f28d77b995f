/** A channel whose value is an anomaly; the greater the score, the stranger. */
export interface Anomaly {
  readonly channel: string;
  readonly score: number;
}

/** What a gateway judges its own readings by: what it names goes out at once. */
export interface Detector {
  /**
   * Judges an instant, then learns it.
   * @param tick number of the interval since 1970; instants without a reading may be left out
   * @param means by channel its mean
   */
  judge(tick: number, means: ReadonlyMap<string, number>): readonly Anomaly[];
}
