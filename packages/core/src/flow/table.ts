import { LinnetError } from '../base/error.ts';
import type { Sink } from '../engine/sink.ts';

/**
 * A sink that keeps its records in the recovery store, committed in one transaction with the flow's state: each exactly
 * once, whatever happens. `linnet outputs` reads them. Records must be plain data that JSON can hold.
 */
export function table<T>(): Sink<T> {
  return {
    kind: 'table',
    transactional: true,
    open: ({ step }) => ({
      write() {
        throw new LinnetError(
          'config.invalid',
          `sink "${step}" is a table of the recovery store: run the flow with --recovery DIR`,
        );
      },
      close: () => Promise.resolve(),
    }),
  };
}
