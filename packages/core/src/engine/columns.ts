/**
 * Records as columns, for crossing between workers: numbers as one Float64Array that is transferred, texts joined to one
 * string. Cloning 16-field objects one by one is many times slower. What does not fit is cloned as it is.
 */

/** Values of one field, or of whole records. `buffers` of what can be transferred are collected by `encodeColumn`. */
export type Column =
  | { readonly type: 'numbers'; readonly values: Float64Array<ArrayBuffer> }
  | {
      readonly type: 'gaps';
      readonly values: Float64Array<ArrayBuffer>;
      readonly kinds: Uint8Array<ArrayBuffer>;
    }
  | { readonly type: 'texts'; readonly text: string; readonly ends: Int32Array<ArrayBuffer> }
  | { readonly type: 'constant'; readonly value: Primitive; readonly length: number }
  | {
      readonly type: 'objects';
      readonly names: readonly string[];
      readonly columns: readonly Column[];
      readonly length: number;
    }
  | { readonly type: 'any'; readonly values: readonly unknown[] };

type Primitive = string | number | boolean | null | undefined;

/** Of most steps most blocks leave nothing: there is no buffer to transfer. */
const NOTHING: Column = { type: 'any', values: [] };

/** What stands in a column of numbers with gaps. */
const KIND = { number: 0, null: 1, undefined: 2 } as const;

/** @param buffers receives the array buffers to transfer */
export function encodeColumn(values: readonly unknown[], buffers: ArrayBuffer[]): Column {
  if (values.length === 0) return NOTHING;
  const first = values[0];
  if (isPlain(first)) return encodeObjects(values, first, buffers) ?? { type: 'any', values };
  if (isPrimitive(first) && values.every((value) => Object.is(value, first))) {
    return { type: 'constant', value: first, length: values.length };
  }
  if (typeof first === 'string') return encodeTexts(values, buffers) ?? { type: 'any', values };
  return encodeNumbers(values, buffers) ?? { type: 'any', values };
}

export function decodeColumn(column: Column): readonly unknown[] {
  switch (column.type) {
    case 'numbers':
      return Array.from(column.values);
    case 'gaps':
      return decodeGaps(column.values, column.kinds);
    case 'texts':
      return decodeTexts(column.text, column.ends);
    case 'constant':
      return new Array<unknown>(column.length).fill(column.value);
    case 'objects':
      return decodeObjects(column.names, column.columns.map(valuesOf), column.length);
    case 'any':
      return column.values;
  }
}

/** As `decodeColumn`, but leaves numbers in their typed array: they are only read. */
function valuesOf(column: Column): ArrayLike<unknown> {
  return column.type === 'numbers' ? column.values : decodeColumn(column);
}

function encodeObjects(
  values: readonly unknown[],
  first: object,
  buffers: ArrayBuffer[],
): Column | undefined {
  const names = Object.keys(first);
  // Set by name it would change the record's prototype; cloning keeps it a field.
  if (names.includes('__proto__')) return undefined;
  const columns = names.map(() => new Array<unknown>(values.length));
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!isPlain(value)) return undefined;
    let at = 0;
    for (const name in value) {
      if (name !== names[at]) return undefined;
      (columns[at] as unknown[])[i] = value[name];
      at++;
    }
    if (at !== names.length) return undefined;
  }
  const encoded = columns.map((column) => encodeColumn(column, buffers));
  return { type: 'objects', names, columns: encoded, length: values.length };
}

function decodeObjects(
  names: readonly string[],
  columns: readonly ArrayLike<unknown>[],
  length: number,
): Record<string, unknown>[] {
  const template = Object.fromEntries(names.map((name) => [name, undefined]));
  const objects = new Array<Record<string, unknown>>(length);
  // Cloning a template and storing into fields that are there already is much faster than adding field after field.
  for (let i = 0; i < length; i++) objects[i] = { ...template };
  names.forEach((name, at) => {
    const values = columns[at] as ArrayLike<unknown>;
    for (let i = 0; i < length; i++) (objects[i] as Record<string, unknown>)[name] = values[i];
  });
  return objects;
}

function decodeGaps(numbers: Float64Array, kinds: Uint8Array): (number | null | undefined)[] {
  const values = new Array<number | null | undefined>(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const kind = kinds[i];
    values[i] = kind === KIND.number ? numbers[i] : kind === KIND.null ? null : undefined;
  }
  return values;
}

function encodeTexts(values: readonly unknown[], buffers: ArrayBuffer[]): Column | undefined {
  if (!values.every((value) => typeof value === 'string')) return undefined;
  const ends = new Int32Array(values.length);
  let end = 0;
  for (let i = 0; i < values.length; i++) ends[i] = end += (values[i] as string).length;
  buffers.push(ends.buffer);
  return { type: 'texts', text: values.join(''), ends };
}

function decodeTexts(text: string, ends: Int32Array): string[] {
  const texts = new Array<string>(ends.length);
  let start = 0;
  for (let i = 0; i < ends.length; i++) {
    texts[i] = text.slice(start, ends[i]);
    start = ends[i] as number;
  }
  return texts;
}

function encodeNumbers(values: readonly unknown[], buffers: ArrayBuffer[]): Column | undefined {
  const numbers = new Float64Array(values.length);
  const kinds = new Uint8Array(values.length);
  let gaps = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number') {
      numbers[i] = value;
      continue;
    }
    if (value !== null && value !== undefined) return undefined;
    kinds[i] = value === null ? KIND.null : KIND.undefined;
    gaps = true;
  }
  buffers.push(numbers.buffer);
  if (!gaps) return { type: 'numbers', values: numbers };
  buffers.push(kinds.buffer);
  return { type: 'gaps', values: numbers, kinds };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isPrimitive(value: unknown): value is Primitive {
  return value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value);
}
