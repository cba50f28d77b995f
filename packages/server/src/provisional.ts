/** What the cloud shows of gateways before a message confirms it: foretold from the stored state of their decoders. */
import type { DatabaseSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core/base';
import { CloudDecoder, type FindForecaster } from '@linnet/core/transmit';
import { addRows } from './ingest/dual-rows.ts';

/** Foretold readings of one sensor in time order; missing is NaN. */
export interface ProvisionalReadings {
  readonly sensor: string;
  readonly time: Float64Array;
  readonly channels: ReadonlyMap<string, Float64Array>;
}

export interface Provisional {
  /** By name of the sensor, `GATEWAY/SENSOR`. */
  readonly sensors: ReadonlyMap<string, ProvisionalReadings>;
  /** Gateways that nothing can be foretold of, and why. */
  readonly problems: readonly string[];
}

/**
 * Readings after the last confirmed instant of each gateway's newest session, up to a time; at most 4,096 instants.
 * @param until epoch ms
 * @param find the models that gateways may use
 */
export function readProvisional(db: DatabaseSync, until: number, find?: FindForecaster): Provisional {
  const sensors = new Map<string, Readings>();
  const problems: string[] = [];
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'ingest_dual'").get() === undefined) {
    return { sensors, problems };
  }
  for (const { device, state } of db.prepare('SELECT device, state FROM ingest_dual ORDER BY device').all()) {
    try {
      const decoder = CloudDecoder.restore(state as Uint8Array, find === undefined ? {} : { find });
      const part = decoder.provisional(until);
      if (part !== undefined) addRows(device as string, part, new ReadingRows(sensors));
    } catch (error) {
      if (!(error instanceof LinnetError)) throw error;
      problems.push(`gateway ${device as string}: ${error.message}`);
    }
  }
  return { sensors, problems };
}

/** Rows by sensor, in the order in which they come. */
class ReadingRows {
  private readonly sensors: Map<string, Readings>;
  private current: Readings | undefined;

  constructor(sensors: Map<string, Readings>) {
    this.sensors = sensors;
  }

  add(sensor: string, time: number): void {
    let readings = this.sensors.get(sensor);
    if (readings === undefined) this.sensors.set(sensor, (readings = new Readings(sensor)));
    readings.begin(time);
    this.current = readings;
  }

  set(channel: string, value: number): void {
    this.current?.set(channel, value);
  }
}

class Readings implements ProvisionalReadings {
  readonly sensor: string;
  private readonly times: number[] = [];
  private readonly columns = new Map<string, number[]>();

  constructor(sensor: string) {
    this.sensor = sensor;
  }

  begin(time: number): void {
    this.times.push(time);
  }

  set(channel: string, value: number): void {
    let column = this.columns.get(channel);
    if (column === undefined) this.columns.set(channel, (column = []));
    column[this.times.length - 1] = value;
  }

  get time(): Float64Array {
    return Float64Array.from(this.times);
  }

  get channels(): ReadonlyMap<string, Float64Array> {
    const { length } = this.times;
    return new Map(
      [...this.columns].map(([name, column]) => [
        name,
        Float64Array.from({ length }, (_, i) => column[i] ?? Number.NaN),
      ]),
    );
  }
}
