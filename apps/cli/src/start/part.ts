/** What one part of the main job read and found. */
export interface Part {
  readonly name: string;
  readonly records: number;
  readonly anomalies: number;
}
