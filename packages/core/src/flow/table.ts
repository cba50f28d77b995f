import { LinnetError } from '../base/error.ts';
import type { Sink } from '../engine/sink.ts';

/**
 * A sink that keeps its records in the recovery store, committed in one transaction with the flow's state: each exactly
 * once, whatever happens. `linnet outputs` reads them. Records must be plain data that JSON can hold.
 * @param options.optional in a run without --recovery the records go nowhere; otherwise that is an error
 */
export function table<T>({ optional = false }: { readonly optional?: boolean } = {}): Sink<T> {
  return {
    kind: 'table',
    transactional: true,
    open({ step }) {
      if (optional) return null;
      throw new LinnetError(
        'config.invalid',
        `sink "${step}" is a table of the recovery store: run the flow with --recovery DIR`,
      );
    },
  };
}
