/** NaN and both infinities count as missing everywhere: they are neither learned nor scored. */
export function isMissing(value: number): boolean {
  return value - value !== 0;
}
