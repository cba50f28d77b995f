import { LinnetError } from '@linnet/core';

/** @throws LinnetError `data.invalid` naming a column name that occurs twice, with both positions */
export function requireUnique(names: readonly string[], where: string): void {
  const seen = new Map<string, number>();
  names.forEach((name, position) => {
    const before = seen.get(name);
    if (before !== undefined) {
      throw new LinnetError(
        'data.invalid',
        `${where} has two columns called ${JSON.stringify(name)}, number ${before + 1} and ${position + 1}: rename one`,
      );
    }
    seen.set(name, position);
  });
}
