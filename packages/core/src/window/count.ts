import { LinnetError } from '../base/error.ts';
import type { Windower, WindowSpan } from '../base/window.ts';

interface Counting {
  id: number;
  count: number;
  start: number;
  end: number;
}

/**
 * A window is over when it holds `size` records. What is left at the end of a bounded input comes out as a smaller window.
 *
 * @throws LinnetError `config.invalid` for a size below 1
 */
export function countWindow({ size }: { size: number }): Windower<Counting> {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new LinnetError('config.invalid', `countWindow.size: ${size} is not a whole number of at least 1`);
  }
  return {
    name: 'count',
    settings: { size },
    merges: false,
    endsByRecord: true,
    initial: () => ({ id: 0, count: 0, start: Infinity, end: -Infinity }),
    assign(state, time) {
      // The record that makes it full is in it; the next one opens another.
      if (state.count === size) throw new Error('invariant broken: a full count window was not closed');
      state.count++;
      state.start = Math.min(state.start, time);
      state.end = Math.max(state.end, time);
      return { ids: [state.id], merged: [] };
    },
    lateIds: () => [-1],
    close(state, watermark) {
      if (state.count < size && !(watermark === Infinity && state.count > 0)) return [];
      const over: WindowSpan = { id: state.id, start: state.start, end: state.end };
      Object.assign(state, { id: state.id + 1, count: 0, start: Infinity, end: -Infinity });
      return [over];
    },
    due: ({ count }) => (count === 0 || count < size ? Infinity : -Infinity),
    // Records that wait for their turn are taken in as soon as the watermark has passed them.
    dueOf: (time) => time,
    resultTime: ({ end }) => end,
  };
}
