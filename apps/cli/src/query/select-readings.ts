import type { ColumnRows } from '@linnet/connectors/file';
import type { HistoryReader, SensorName, Span } from '@linnet/connectors/history';
import { LinnetError } from '@linnet/core';
import { thinnedOut } from './thin-out.ts';

/** Which readings are asked for. */
export interface Selection {
  readonly sensor: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly metric: readonly string[];
  readonly anomalies?: boolean;
  readonly downsample?: number;
}

/** The foretold readings of a sensor from a time on, if there are any. */
export type Foretold = (
  sensor: SensorName,
  metrics: readonly string[],
  from?: number,
) => ColumnRows | undefined;

/** Names shown of what there is, where a name is not among it. */
const NAMES_SHOWN = 12;

/**
 * The readings of a selection, sensor by sensor in the order of the store's, each in time order; anomalies of all sensors
 * together in time order.
 * @param store names the file in errors
 * @param foretold readings after the last stored ones, of sensors behind a gateway
 */
export function selectReadings(
  reader: HistoryReader,
  store: string,
  { sensor, metric, from, to, anomalies, downsample }: Selection,
  foretold?: Foretold,
): { readonly metrics: readonly string[]; readonly rows: Iterable<ColumnRows> } {
  const sensors = pickSensors(reader.sensors(), sensor, store);
  const metrics = pickMetrics(reader.channels(), metric, store);
  const span: Span = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  if (anomalies === true) return { metrics, rows: anomalyRows(reader, sensors, metrics, span) };
  const rows = function* (): Generator<ColumnRows> {
    for (const name of sensors) {
      const parts =
        downsample === undefined
          ? reader.readBlocks(name, span, metrics)
          : [thinnedOut(reader, name, metrics, downsample, span)];
      for (const { time, channels } of parts)
        yield { sensor: name, time, columns: metrics.map((channel) => channels[channel] as Float64Array) };
      const after = foretold?.(name, metrics, from);
      if (after !== undefined) yield after;
    }
  };
  return { metrics, rows: rows() };
}

function* anomalyRows(
  reader: HistoryReader,
  sensors: readonly SensorName[],
  metrics: readonly string[],
  span: Span,
): Generator<ColumnRows> {
  for (const { sensor, time, values } of reader.anomalies({ ...span, sensors })) {
    const columns = metrics.map((metric) => Float64Array.of(values[metric] ?? Number.NaN));
    yield { sensor, time: Float64Array.of(time), columns };
  }
}

function pickSensors(known: readonly SensorName[], wanted: readonly string[], store: string): SensorName[] {
  if (wanted.length === 0) return [...known];
  return wanted.map((name) => {
    const found = known.find((other) => other === name) ?? known.find((other) => String(other) === name);
    if (found !== undefined) return found;
    throw unknown(store, 'sensor', name, known);
  });
}

function pickMetrics(known: readonly string[], wanted: readonly string[], store: string): string[] {
  if (wanted.length === 0) return [...known];
  for (const name of wanted) if (!known.includes(name)) throw unknown(store, 'metric', name, known);
  return [...new Set(wanted)];
}

function unknown(
  store: string,
  what: string,
  name: string,
  known: readonly (string | number)[],
): LinnetError {
  const shown = known.slice(0, NAMES_SHOWN).join(', ');
  const more = known.length > NAMES_SHOWN ? `, … (${known.length}; --list shows them)` : '';
  return new LinnetError(
    'config.unknown',
    `${store} has no ${what} ${JSON.stringify(name)}; it has ${shown || 'none'}${more}`,
  );
}
