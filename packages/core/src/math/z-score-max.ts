/**
 * The greatest |z| that one of n readings can have when it is itself among the n that make the mean and the population
 * standard deviation: √(n - 1). With 5 readings no |z| exceeds 2, however wild one of them is.
 */
export function zScoreMax(readings: number): number {
  return Math.sqrt(Math.max(0, readings - 1));
}
