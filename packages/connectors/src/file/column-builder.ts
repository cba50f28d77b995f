import type { Column } from './table.ts';

/** The models compute in single precision; a greater value has no place there. */
const LARGEST = 3.4028234663852886e38;
/** Characters of a value that a message shows. */
const TEXT_MAX = 60;

/**
 * Collects one column value by value. It stays a Float64Array as long as every value is a number or missing, and turns
 * into a list of values at the first that is neither.
 */
export class ColumnBuilder {
  readonly name: string;
  /** Rows so far. */
  length = 0;
  /** Values that are numbers but not finite (or too large): kept as missing. */
  infinite = 0;
  /** Where the first value stood that is no number, after some that are. */
  turned: { readonly row: number; readonly value: unknown } | undefined;
  private numbers = new Float64Array(1024);
  private others: unknown[] | undefined;

  constructor(name: string, rows = 0) {
    this.name = name;
    // Rows that came before the column did: missing.
    this.padTo(rows);
  }

  get isNumeric(): boolean {
    return this.others === undefined;
  }

  pushNumber(value: number): void {
    if (this.others !== undefined) {
      this.others.push(Number.isFinite(value) ? value : null);
      this.length++;
      return;
    }
    let kept = value;
    if (value > LARGEST || value < -LARGEST) {
      this.infinite++;
      kept = Number.NaN;
    }
    if (this.length === this.numbers.length) {
      const grown = new Float64Array(this.length * 2);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers[this.length++] = kept;
  }

  /** Takes any value as JSON has them; null and undefined are missing. */
  push(value: unknown): void {
    if (typeof value === 'number') return this.pushNumber(value);
    if (value === null || value === undefined) return this.pushMissing();
    this.pushOther(value);
  }

  pushMissing(): void {
    if (this.others === undefined) return this.pushNumber(Number.NaN);
    this.others.push(null);
    this.length++;
  }

  pushOther(value: unknown): void {
    if (this.others === undefined) {
      const numbers = this.numbers.subarray(0, this.length);
      if (numbers.some((number) => !Number.isNaN(number))) this.turned = { row: this.length, value };
      this.others = Array.from(numbers, (number) => (Number.isNaN(number) ? null : number));
    }
    this.others.push(value);
    this.length++;
  }

  /** Adds missing values until the column has so many rows. */
  padTo(rows: number): void {
    while (this.length < rows) this.pushMissing();
  }

  finish(): Column {
    if (this.others !== undefined) return { name: this.name, kind: 'other', values: this.others };
    return { name: this.name, kind: 'number', values: this.numbers.slice(0, this.length) };
  }
}

/** Sentences on what a reader of the table should know of its columns. */
export function notesOn(builders: readonly ColumnBuilder[]): string[] {
  return builders.flatMap(({ name, infinite, turned }) => {
    if (turned !== undefined) {
      const value = shortText(turned.value);
      return [`column ${name} is not scored: it holds numbers, but ${value} in record ${turned.row + 1}`];
    }
    if (infinite === 0) return [];
    const values = infinite === 1 ? '1 value is' : `${infinite} values are`;
    return [`column ${name}: ${values} infinite or beyond 3.4e38, taken for missing`];
  });
}

/** A value as it may stand in a sentence. */
function shortText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}… (${text.length} characters)`;
}
