import { csv, stampReader, type Flow, type MadeText, type Stream } from 'linnet';
import type { RegionRule } from './region.ts';

/** A reading of either layout. */
export interface Reading {
  /** Empty where the line names none. */
  readonly sensor: string;
  /** Epoch milliseconds; NaN where the line has no time. */
  readonly time: number;
  /** µg/m³; null where it is missing. */
  readonly pm25: number | null;
  readonly region: string;
  /** The two channels, in a layout that has two. */
  readonly a?: number | null;
  readonly b?: number | null;
}

/** The readings of a file by the name of its layout. */
export const layouts = { csv: readingsOfCsv, history: readingsOfHistory };

// Files that people made hold epoch numbers as well as ISO text.
const [anyTime, epochTime] = [stampReader('detect'), stampReader('s')];

/** created_at, PM2.5_CF1_ug/m3, sensor, and what the region takes. */
function readingsOfCsv(smoke: Flow, input: string | MadeText, region: RegionRule): Stream<Reading> {
  const columns = { created_at: 'text', 'PM2.5_CF1_ug/m3': 'number', sensor: 'text' } as const;
  const source = csv(input, { columns: { ...region.columns, ...columns }, optional: region.optional });
  return smoke.source('in', source).map('reading', (line) => ({
    sensor: line.sensor ?? '',
    time: anyTime(line.created_at),
    pm25: line['PM2.5_CF1_ug/m3'],
    region: region.find(line),
  }));
}

/** PurpleAir's history: id, time_stamp, channels A and B. The reading is their mean, or the one that is there. */
function readingsOfHistory(smoke: Flow, input: string | MadeText, region: RegionRule): Stream<Reading> {
  const columns = {
    id: 'text',
    time_stamp: 'number',
    'pm2.5_cf_1_a': 'number',
    'pm2.5_cf_1_b': 'number',
  } as const;
  const source = csv(input, { columns: { ...region.columns, ...columns }, optional: region.optional });
  return smoke.source('in', source).map('reading', (line) => {
    const { 'pm2.5_cf_1_a': a, 'pm2.5_cf_1_b': b } = line;
    return {
      sensor: line.id ?? '',
      time: epochTime(line.time_stamp),
      pm25: a === null ? b : b === null ? a : (a + b) / 2,
      region: region.find(line),
      a,
      b,
    };
  });
}
