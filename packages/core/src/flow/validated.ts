import type { Decoded, Rejected, Source } from '../engine/source.ts';
import { LinnetError } from '../base/error.ts';
import type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts';

/** A source whose records have passed a schema; what does not pass is rejected with the schema's own words. */
export function validated<T>(source: Source<unknown>, schema: StandardSchema<T>): Source<T> {
  const { validate } = schema['~standard'];
  return {
    ...source,
    open: (options) => source.open(options),
    over: (decoded) => validated(decoded, schema),
    decode(payload): Decoded<T> {
      const decoded = source.decode(payload);
      const items: T[] = [];
      const kept: number[] = [];
      const rejected: Rejected[] = [...decoded.rejected];
      decoded.items.forEach((item, index) => {
        const at = decoded.positions?.[index] ?? index;
        const result = synchronous(validate(item));
        if (result.issues === undefined) {
          items.push(result.value);
          kept.push(at);
        } else {
          rejected.push({ at, why: result.issues.map(describe).join('; ') });
        }
      });
      return { items, positions: Int32Array.from(kept), rejected };
    },
  };
}

function synchronous<T>(result: SchemaResult<T> | Promise<SchemaResult<T>>): SchemaResult<T> {
  if (!(result instanceof Promise)) return result;
  throw new LinnetError('config.invalid', 'a source takes only schemas that validate synchronously');
}

function describe({ message, path }: SchemaIssue): string {
  if (path === undefined || path.length === 0) return message;
  return `${path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')}: ${message}`;
}
