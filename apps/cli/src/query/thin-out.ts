import type { HistoryReader, Readings, SensorName, Span } from '@linnet/connectors/history';

/**
 * At most `points` readings of a sensor that keep the shape of its metrics: of several, each has an equal share of the
 * points, and every reading is given whole.
 */
export function thinnedOut(
  reader: HistoryReader,
  sensor: SensorName,
  metrics: readonly string[],
  points: number,
  span: Span,
): Readings {
  const [metric] = metrics;
  if (metric === undefined) return { time: new Float64Array(0), channels: {} };
  if (metrics.length === 1) {
    const { time, value } = reader.downsample(sensor, metric, points, span);
    return { time, channels: { [metric]: value } };
  }
  const each = Math.max(4, Math.floor(points / metrics.length));
  const wanted = metrics.map((name) => timesByValue(reader.downsample(sensor, name, each, span)));
  const all = points >= wanted.length * each ? Infinity : points;
  return pick(reader.readBlocks(sensor, span, metrics), metrics, wanted, all);
}

type Wanted = Map<number, number[]>;

function timesByValue({ time, value }: { time: Float64Array; value: Float64Array }): Wanted {
  const wanted: Wanted = new Map();
  time.forEach((at, i) => {
    const values = wanted.get(at) ?? [];
    wanted.set(at, values);
    values.push(value[i] as number);
  });
  return wanted;
}

/** The first readings that have what is wanted. */
function pick(
  parts: Iterable<Readings>,
  metrics: readonly string[],
  wanted: readonly Wanted[],
  most: number,
): Readings {
  const times: number[] = [];
  const columns = metrics.map((): number[] => []);
  for (const { time, channels } of parts) {
    const own = metrics.map((name) => channels[name] as Float64Array);
    for (let row = 0; row < time.length && times.length < most; row++) {
      let isWanted = false;
      for (let i = 0; i < wanted.length; i++) {
        const values = wanted[i]?.get(time[row] as number);
        const at = values === undefined ? -1 : values.indexOf(own[i]?.[row] as number);
        if (at < 0) continue;
        values?.splice(at, 1);
        isWanted = true;
      }
      if (!isWanted) continue;
      times.push(time[row] as number);
      own.forEach((column, i) => columns[i]?.push(column[row] as number));
    }
  }
  return {
    time: Float64Array.from(times),
    channels: Object.fromEntries(metrics.map((name, i) => [name, Float64Array.from(columns[i] ?? [])])),
  };
}
