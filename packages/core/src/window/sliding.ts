import { milliseconds, type Duration } from '../base/duration.ts';
import { LinnetError } from '../base/error.ts';
import type { Windower, WindowSpan } from '../base/window.ts';
import { alignment, type Alignment } from './alignment.ts';

/** Ids of the open windows, in the order in which they were opened. */
type Open = Set<number>;

/**
 * Windows of one length that begin every `every`: a record belongs to each that covers its time. Window 0 begins at `align`.
 *
 * Use it for moving figures, such as the last hour every five minutes. A record costs length / every updates.
 * Same windows as Bytewax 0.21.1 `SlidingWindower`.
 *
 * @throws LinnetError `config.invalid` when `every` is 0 or longer than the length
 */
export function sliding({
  length,
  every,
  align = 0,
}: {
  length: Duration;
  every: Duration;
  align?: Alignment;
}): Windower<Open> {
  const lengthMs = milliseconds(length, 'sliding.length');
  const everyMs = milliseconds(every, 'sliding.every');
  const alignMs = alignment(align, 'sliding.align');
  if (!(everyMs > 0 && everyMs <= lengthMs)) {
    throw new LinnetError(
      'config.invalid',
      `sliding.every: ${String(every)} must be above 0 and at most the length ${String(length)}`,
    );
  }
  const span = (id: number): WindowSpan => {
    const start = alignMs + id * everyMs;
    return { id, start, end: start + lengthMs };
  };
  const idsAt = (time: number): number[] => {
    const last = Math.floor((time - alignMs) / everyMs);
    const first = Math.floor((time - alignMs - lengthMs) / everyMs) + 1;
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  };
  return {
    name: 'sliding',
    settings: { lengthMs, everyMs, alignMs },
    merges: false,
    endsByRecord: false,
    initial: () => new Set(),
    assign(open, time) {
      const ids = idsAt(time);
      for (const id of ids) open.add(id);
      return { ids, merged: [] };
    },
    lateIds: idsAt,
    close(open, watermark) {
      const over = [...open].map(span).filter(({ end }) => end <= watermark);
      for (const { id } of over) open.delete(id);
      return over;
    },
    due(open) {
      let due = Infinity;
      for (const id of open) due = Math.min(due, span(id).end);
      return due;
    },
    dueOf: (time) => span(idsAt(time)[0] ?? 0).end,
    isFresh: (open) => open.size === 0,
  };
}
