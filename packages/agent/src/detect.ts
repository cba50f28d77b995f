/** Scores a reading on the device; a number is the score of an anomaly, undefined an ordinary reading. */
export type Detect = (reading: object) => number | undefined;
