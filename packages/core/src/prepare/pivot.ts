import { LinnetError } from '../base/error.ts';

/** One instant of several sensors, in the order of their names; what is missing is NaN. */
export interface Row {
  readonly time: number;
  readonly values: Float64Array;
}

interface PivotState {
  readonly open: Map<number, Float64Array>;
  /** Instants before it were given out; NaN before the first. */
  next: number;
  newest: number;
  late: number;
}

/**
 * Samples of several sensors as rows, for `keyBy(gateway).stateful(id, pivot({ … }))`: each sample gives the rows that it
 * completes. A row is complete when every sensor has its value, or when the newest sample is `latenessMs` past it; an instant
 * without any value is a row of NaN, so that rows are evenly spaced.
 */
export function pivot({
  sensors,
  everyMs,
  latenessMs = everyMs,
}: {
  sensors: readonly string[];
  everyMs: number;
  latenessMs?: number;
}): {
  initial: () => PivotState;
  step: (
    state: PivotState,
    sample: { readonly sensor: string; readonly time: number; readonly value: number },
  ) => Row[];
} {
  if (sensors.length === 0) throw new LinnetError('config.invalid', 'pivot.sensors names no sensor');
  const columns = new Map(sensors.map((sensor, index) => [sensor, index]));
  const empty = (): Float64Array => new Float64Array(sensors.length).fill(Number.NaN);
  return {
    initial: () => ({ open: new Map(), next: Number.NaN, newest: -Infinity, late: 0 }),
    step(state, { sensor, time, value }) {
      const column = columns.get(sensor);
      if (column === undefined) return [];
      if (Number.isNaN(state.next)) state.next = time;
      if (time < state.next) {
        state.late++;
        return [];
      }
      const row = state.open.get(time) ?? empty();
      row[column] = value;
      state.open.set(time, row);
      state.newest = Math.max(state.newest, time);
      const rows: Row[] = [];
      for (;;) {
        const at = state.next;
        const values = state.open.get(at);
        const full = values !== undefined && !values.some(Number.isNaN);
        if (!full && at >= state.newest - latenessMs) return rows;
        rows.push({ time: at, values: values ?? empty() });
        state.open.delete(at);
        state.next = at + everyMs;
      }
    },
  };
}
