/** Wall time as a port, in epoch milliseconds; tests and the simulator hand in one that they move. */
export interface Clock {
  now(): number;
}
