/** One way of looking at rows of several sensors, an instant after the other. */
export interface Check {
  readonly name: string;
  /** Whether one threshold serves all sensors: what it measures depends on the kind of sensor, not on where it hangs. */
  readonly pooled: boolean;
  /**
   * Takes the next row in.
   * @param row a value a sensor, NaN for missing
   * @param scores receives a score a sensor, from 0 up: the greater, the stranger
   */
  push(row: Float64Array, scores: Float64Array): void;
}
