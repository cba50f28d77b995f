/** Times and sizes as people write them. */
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 6e4, min: 6e4, h: 36e5, d: 864e5 };
const UNITS_BYTES: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

/** `500ms`, `10s`, `2min`, `1h`, `1d` in ms; NaN for what is none. */
export function timeOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/.exec(text);
  return Number(match?.[1]) * (UNITS_MS[match?.[2] ?? ''] ?? Number.NaN);
}

/** `64MB`, `512 kB` or plain bytes, in bytes; NaN for what is none. */
export function bytesOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)?$/i.exec(text);
  return Math.round(Number(match?.[1]) * (UNITS_BYTES[(match?.[2] ?? 'B').toUpperCase()] ?? Number.NaN));
}
