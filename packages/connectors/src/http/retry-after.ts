/**
 * What a `retry-after` header asks for: seconds or a date (RFC 9110, 10.2.3).
 * @returns milliseconds from now, at least 0; undefined where there is no such header, or none that can be read
 */
export function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined;
  const seconds = Number(value);
  if (value.trim() !== '' && seconds >= 0) return seconds * 1000;
  const until = Date.parse(value);
  return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
}
