import { LinnetError } from '../base/error.ts';

/** A sensor's mean over one interval, named by the interval's start. */
export interface Sample {
  readonly sensor: string;
  readonly time: number;
  readonly value: number;
}

interface OpenBin {
  /** Intervals are counted from 1970. */
  readonly bin: number;
  sum: number;
  count: number;
}

/** Plain data, so that it outlives a restart. */
interface ResampleState {
  /** In order. */
  open: OpenBin[];
  /** Intervals before it are closed. */
  closed: number;
  late: number;
}

/**
 * Means over intervals of a live stream, for `keyBy(sensor).stateful(id, resample({ … }))`: each reading gives the
 * samples of the intervals that it closes. An interval closes when the sensor's own clock is `latenessMs` past its end.
 *
 * A reading of an interval that was closed is not counted; a value that is NaN neither.
 */
export function resample({ everyMs, latenessMs = 0 }: { everyMs: number; latenessMs?: number }): {
  initial: () => ResampleState;
  step: (
    state: ResampleState,
    reading: { readonly time: number; readonly value: number },
    sensor: string | number,
  ) => Sample[];
} {
  if (!(everyMs > 0)) throw new LinnetError('config.invalid', `resample.everyMs: ${everyMs} is not above 0`);
  return {
    initial: () => ({ open: [], closed: -Infinity, late: 0 }),
    step(state, { time, value }, sensor) {
      if (Number.isNaN(value)) return [];
      const bin = Math.floor(time / everyMs);
      if (bin < state.closed) {
        state.late++;
        return [];
      }
      add(state.open, bin, value);
      const closed = Math.floor((time - latenessMs) / everyMs);
      if (closed <= state.closed) return [];
      state.closed = closed;
      const over = state.open.filter((one) => one.bin < closed);
      if (over.length > 0) state.open = state.open.filter((one) => one.bin >= closed);
      return over.map((one) => ({
        sensor: String(sensor),
        time: one.bin * everyMs,
        value: one.sum / one.count,
      }));
    },
  };
}

function add(open: OpenBin[], bin: number, value: number): void {
  let at = open.length;
  while (at > 0 && (open[at - 1] as OpenBin).bin >= bin) at--;
  const known = open[at];
  if (known?.bin !== bin) {
    open.splice(at, 0, { bin, sum: value, count: 1 });
    return;
  }
  known.sum += value;
  known.count++;
}
