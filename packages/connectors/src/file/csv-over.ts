import type { Decoded, Rejected, Source } from '@linnet/core/engine';
import type { CsvRecord, CsvType, CsvTypes } from './csv-decoder.ts';

/**
 * The columns that a CSV source declares, over records that come from elsewhere (the same file loaded into a topic, say): a record
 * is what it would have been in the file. One that lacks a column, or has no number where one was declared, is rejected.
 */
export function columnsOver(
  decoded: Source<unknown>,
  columns: CsvTypes,
  optional: CsvTypes,
): Source<CsvRecord> {
  const required = Object.entries(columns);
  const others = Object.entries(optional);
  return {
    ...decoded,
    open: (options) => decoded.open(options),
    over: (other) => columnsOver(other, columns, optional),
    decode(payload): Decoded<CsvRecord> {
      const given = decoded.decode(payload);
      const items: CsvRecord[] = [];
      const positions = new Int32Array(given.items.length);
      const rejected: Rejected[] = [...given.rejected];
      given.items.forEach((item, i) => {
        const at = given.positions === null ? i : (given.positions[i] as number);
        const record: CsvRecord = {};
        const why = take(record, item, required, false) ?? take(record, item, others, true);
        if (why !== undefined) {
          rejected.push({ at, why });
          return;
        }
        positions[items.length] = at;
        items.push(record);
      });
      const whole = given.positions === null && items.length === given.items.length;
      return { items, positions: whole ? null : positions.slice(0, items.length), rejected };
    },
  };
}

/** @returns why the record is none */
function take(
  into: CsvRecord,
  item: unknown,
  columns: readonly (readonly [string, CsvType])[],
  mayLack: boolean,
): string | undefined {
  if (typeof item !== 'object' || item === null) return 'no object with the columns as fields';
  for (const [name, type] of columns) {
    const value: unknown = Object.hasOwn(item, name) ? (item as Record<string, unknown>)[name] : undefined;
    if (value === undefined) {
      if (mayLack) continue;
      return `no field "${name}"`;
    }
    if (value === null || value === '') into[name] = null;
    else if (typeof value === 'number') into[name] = type === 'text' ? String(value) : value;
    else if (typeof value !== 'string') return `field "${name}" is neither text nor a number`;
    else if (type === 'number') return `field "${name}": "${value.slice(0, 40)}" is no number`;
    else into[name] = value;
  }
  return undefined;
}
