import type { AirSensor, SimulatedAir } from './air.ts';
import type { AirSeries } from './air-series.ts';

export type AirLayout = 'csv' | 'history';

const HEADS: Readonly<Record<AirLayout, string>> = {
  csv: 'created_at,PM2.5_CF1_ug/m3,sensor,latitude,longitude,region\n',
  history:
    'id,time_stamp,pm2.5_alt_a,pm2.5_alt_b,pm2.5_atm_a,pm2.5_atm_b,pm2.5_cf_1_a,pm2.5_cf_1_b,temperature,humidity,pressure\n',
};
const CHUNK_CHARACTERS = 256 * 1024;

/** The readings as lines in time order, the sensors in turn; pieces of about 256 KB. */
export function* airLines({ sensors, series }: SimulatedAir, layout: AirLayout): Generator<string> {
  const line = layout === 'csv' ? csvLine : historyLine;
  const instants = series[0]?.times.length ?? 0;
  let text = HEADS[layout];
  for (let i = 0; i < instants; i++) {
    for (const [index, own] of series.entries()) text += line(own, i, sensors[index] as AirSensor);
    if (text.length < CHUNK_CHARACTERS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** The mean of both channels, or the one that is there; no line where there is none. */
function csvLine(
  { times, a, b }: AirSeries,
  i: number,
  { id, latitude, longitude, region }: AirSensor,
): string {
  const [one, other] = [a[i] as number, b[i] as number];
  const value = Number.isNaN(one) ? other : Number.isNaN(other) ? one : (one + other) / 2;
  if (Number.isNaN(value)) return '';
  const time = new Date(times[i] as number).toISOString().replace('.000Z', 'Z');
  return `${time},${value.toFixed(2)},${id},${latitude},${longitude},${region}\n`;
}

/** Only the channels are simulated; the other columns of the layout are empty. */
function historyLine({ times, a, b }: AirSeries, i: number, { id }: AirSensor): string {
  const [one, other] = [written(a[i] as number), written(b[i] as number)];
  if (one === '' && other === '') return '';
  return `${id},${Math.round((times[i] as number) / 1000)},,,,,${one},${other},,,\n`;
}

function written(value: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(2);
}
