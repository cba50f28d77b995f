import type { Sink } from '../engine/sink.ts';

/**
 * A sink that prints each record on a line of the command's standard output: JSON when the command was asked for JSON,
 * otherwise text.
 * @param text how a record reads for a person; the default lists its fields
 */
export function print<T>(text: (item: T) => string = plain): Sink<T> {
  return {
    kind: 'print',
    open({ format, print: out }) {
      const line = format === 'json' ? (item: T) => JSON.stringify(item) : text;
      return {
        write: (items) => out(items.map((item) => `${line(item)}\n`).join('')),
        close: () => Promise.resolve(),
      };
    },
  };
}

function plain(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  return Object.entries(item)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ');
}
