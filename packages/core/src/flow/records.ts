import { LinnetError } from '../base/error.ts';
import type { Source, SourceBlock } from '../engine/source.ts';

const BLOCK_RECORDS = 1024;

/**
 * A source of records at hand: for tests, examples and small inputs.
 * @param options.block records a block; results never depend on it
 */
export function records<T>(items: readonly T[], options: { name?: string; block?: number } = {}): Source<T> {
  const { name = 'the given records', block = BLOCK_RECORDS } = options;
  if (!(block >= 1)) throw new LinnetError('config.invalid', `records: a block of ${block} is below 1`);
  return {
    kind: 'records',
    name,
    bounded: true,
    open({ limit, from }) {
      const end = Math.min(items.length, limit);
      let at = typeof from === 'number' ? from : 0;
      let ended = false;
      const read = (): SourceBlock | null => {
        if (ended) return null;
        const first = at;
        at = Math.min(end, at + block);
        ended = at >= end;
        const progress = end === 0 ? 1 : at / end;
        return { payload: { items: items.slice(first, at) }, first, offset: at, progress, ended };
      };
      return { read: () => Promise.resolve(read()), close: () => Promise.resolve() };
    },
    decode: (payload) => ({
      items: 'items' in payload ? (payload.items as readonly T[]) : [],
      positions: null,
      rejected: [],
    }),
  };
}
