/**
 * What models have in common. A vector holds the features in the order of the configuration's names; missing is NaN.
 */

export interface Stateful {
  /** Bytes of state held by this instance. */
  readonly bytes: number;
  /** Versioned bytes; what is restored from them gives the same results to the bit. */
  snapshot(): Uint8Array<ArrayBuffer>;
  /** @throws LinnetError `snapshot.invalid` when the bytes are damaged or of another configuration */
  restore(bytes: Uint8Array): void;
}

/** A model that learns one vector at a time. Scoring changes nothing. A score grows with strangeness. */
export interface OnlineModel extends Stateful {
  /** True once the model has learned enough that its score means something. */
  readonly ready: boolean;
  scoreOne(x: ArrayLike<number>): number;
  learnOne(x: ArrayLike<number>): void;
}

/** An online model that also turns its score into a verdict. */
export interface AnomalyFilter extends OnlineModel {
  /** False for a score that is NaN, and while the model is not ready. */
  isAnomaly(score: number): boolean;
}

/** Turns a vector into another of the same length: imputers, scalers. Transforming changes no state. */
export interface OnlineTransformer extends Stateful {
  readonly ready: boolean;
  learnOne(x: ArrayLike<number>): void;
  /** Writes the transformed vector to `out`, which may be `x` itself. */
  transformOne(x: ArrayLike<number>, out: Float64Array): void;
  /**
   * `learnOne`, then `transformOne`, of each of the rows `from` to `to` - 1 in order, where that is faster than one by one.
   * @param x rows of features, row-major
   * @param out receives the transformed rows at the same places
   */
  learnTransform?(x: Float64Array, from: number, to: number, out: Float64Array): void;
}

/** Tells from a stream of single values that its distribution changed. */
export interface DriftDetector extends Stateful {
  readonly ready: boolean;
  /** Takes the next value; returns true at the value where drift is detected. */
  update(value: number): boolean;
}

/** Fills in what is missing (NaN) in a whole matrix at once. */
export interface BatchImputer {
  /** @param x rows × columns, row-major */
  fit(x: Float64Array, rows: number, columns: number): void;
  /** A new matrix without NaN, but in columns that were wholly missing in `fit`: those stay NaN. */
  transform(x: Float64Array, rows: number): Float64Array;
}

/** A model fitted to a whole matrix at once. */
export interface BatchModel {
  /** @param x rows × columns, row-major */
  fit(x: Float64Array, rows: number, columns: number): void;
  /** One score a row, as the model's source defines it. */
  scoreSamples(x: Float64Array, rows: number): Float64Array;
  /** -1 for an anomaly, 1 otherwise, one a row. */
  predict(x: Float64Array, rows: number): Int8Array;
  save(): Uint8Array<ArrayBuffer>;
}
