/** What a proof that runs case after case takes from its command line. */

/** @throws Error that says what a seed is */
export function seedOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--seed ${text}: it must be a whole number above 0`);
  return Number(text);
}

/**
 * The cases whose names hold one of the parts; all of them without parts.
 * @throws Error that lists the names, for a part that is in none
 */
export function chosenOf<C extends { readonly name: string }>(
  cases: readonly C[],
  parts: readonly string[],
): readonly C[] {
  const unknown = parts.find((part) => !cases.some(({ name }) => name.includes(part)));
  if (unknown !== undefined)
    throw new Error(`no case's name holds "${unknown}":\n${cases.map(({ name }) => `  ${name}`).join('\n')}`);
  const named = cases.filter(({ name }) => parts.some((part) => name.includes(part)));
  return named.length > 0 ? named : cases;
}

/** A case's own check failed: the counts alone would not show it. */
export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
