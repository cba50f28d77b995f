/** The value of an environment variable as a number. */
export function number(name: string, fallback: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new Error(`${name}=${text} is no number`);
}

/** The value of an environment variable as one of some words; the first if it is not set. */
export function choice<const W extends string>(name: string, words: readonly [W, ...W[]]): W {
  const text = process.env[name];
  if (text === undefined || text === '') return words[0];
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new Error(`${name}=${text} is none of ${words.join(', ')}`);
}
