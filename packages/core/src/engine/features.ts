/** Reads a vector of features from a record: by property names, or by the user's function. */
export type FeatureReader = (item: never) => number | null | undefined | ArrayLike<number | null | undefined>;

/**
 * Fills `x` (row-major, `names.length` columns) with the features of every item. Anything that is not a finite number, a
 * string that looks like one included, counts as missing and becomes NaN.
 */
export function readFeatures(
  items: readonly unknown[],
  names: readonly string[],
  read: FeatureReader | undefined,
  x: Float64Array,
): void {
  const columns = names.length;
  if (read !== undefined) {
    readByFunction(items, columns, read, x);
  } else if (columns === 1) {
    const name = names[0] as string;
    for (let i = 0; i < items.length; i++) x[i] = finite((items[i] as Record<string, unknown>)[name]);
  } else {
    for (let column = 0; column < columns; column++) {
      const name = names[column] as string;
      for (let i = 0, at = column; i < items.length; i++, at += columns) {
        x[at] = finite((items[i] as Record<string, unknown>)[name]);
      }
    }
  }
}

function readByFunction(
  items: readonly unknown[],
  columns: number,
  read: FeatureReader,
  x: Float64Array,
): void {
  for (let i = 0; i < items.length; i++) {
    const value = read(items[i] as never);
    if (columns === 1 && typeof value !== 'object') {
      x[i] = finite(value);
      continue;
    }
    if (value === null || typeof value !== 'object' || value.length !== columns) {
      throw new TypeError(`the feature function must return ${columns} numbers`);
    }
    for (let column = 0; column < columns; column++) x[i * columns + column] = finite(value[column]);
  }
}

/** True for a value that is not there, as opposed to one that is there and no number. */
export function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value !== value;
}

function finite(value: unknown): number {
  return typeof value === 'number' && value - value === 0 ? value : NaN;
}
