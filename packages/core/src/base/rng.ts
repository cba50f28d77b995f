/**
 * A source of random numbers, seeded by its maker. Components take one as a port; none reads Math.random.
 */
export interface Rng {
  /** The next number, uniform in [0, 1). */
  random(): number;
}
