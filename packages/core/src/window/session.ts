import { milliseconds, type Duration } from '../base/duration.ts';
import type { Windower, WindowSpan } from '../base/window.ts';

interface Session {
  readonly id: number;
  start: number;
  end: number;
}

interface Sessions {
  open: Session[];
  next: number;
}

/**
 * A window lasts while records follow each other within `gap`; a record exactly `gap` after the last one still belongs to it.
 * A record between two windows can join them to one.
 *
 * Same windows as Bytewax 0.21.1 `SessionWindower`.
 */
export function session({ gap }: { gap: Duration }): Windower<Sessions> {
  const gapMs = milliseconds(gap, 'session.gap');
  return {
    name: 'session',
    settings: { gapMs },
    merges: true,
    endsByRecord: false,
    initial: () => ({ open: [], next: 0 }),
    assign(state, time) {
      const touching = state.open.filter(({ start, end }) => time >= start - gapMs && time <= end + gapMs);
      const [into, ...others] = touching;
      if (into === undefined) {
        const id = state.next++;
        state.open.push({ id, start: time, end: time });
        return { ids: [id], merged: [] };
      }
      into.start = Math.min(time, ...touching.map(({ start }) => start));
      into.end = Math.max(time, ...touching.map(({ end }) => end));
      state.open = state.open.filter((own) => !others.includes(own));
      return { ids: [into.id], merged: others.map(({ id }) => [id, into.id] as const) };
    },
    lateIds: () => [-1],
    close(state, watermark) {
      const isOver = ({ end }: Session) => end + gapMs < watermark;
      const over = state.open.filter(isOver);
      state.open = state.open.filter((own) => !isOver(own));
      return over.map(({ id, start, end }): WindowSpan => ({ id, start, end }));
    },
    due: ({ open }) => open.reduce((least, { end }) => Math.min(least, end + gapMs), Infinity),
    dueOf: (time) => time + gapMs,
    resultTime: ({ end }) => end + gapMs,
  };
}
