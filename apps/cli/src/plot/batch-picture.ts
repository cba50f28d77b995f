/** The picture of a batch: distribution of the scores, reasons, and the map. */
import { basename } from 'node:path';
import { sentenceOf } from '../batch/cells.ts';
import type { BatchResult } from '../batch/job.ts';
import { count, methodOf, ruleOf } from '../batch/summary.ts';
import { escapeXml } from '../escape-xml.ts';
import { COLOURS, figure, fitted, rectangle, text, type Box } from './draw.ts';
import { extentOf, mostCrowded, placesOf, type Places } from './places.ts';
import { reasonBars } from './reason-bars.ts';
import { scoreHistogram } from './score-histogram.ts';
import { sensorMap, type Mark } from './sensor-map.ts';

const WIDTH = 1200;
const MARGIN = 40;
const UPPER: Box = { x: MARGIN, y: 112, width: WIDTH - 2 * MARGIN, height: 296 };
const LOWER: Box = { x: MARGIN, y: 430, width: WIDTH - 2 * MARGIN, height: 392 };
/** Sensors over more degrees than this are shown on the whole world. */
const WORLDWIDE = 100;
/** A zoom is worth its place where it holds so large a share of the sensors. */
const CROWD = 0.3;

export interface Picture {
  readonly svg: string;
  /** What the picture could not show, for stderr. */
  readonly note: string | undefined;
}

export function batchPicture(result: BatchResult): Picture {
  const { table, detection, method } = result;
  const places = placesOf(table);
  const height = places === undefined ? UPPER.y + UPPER.height + 48 : LOWER.y + LOWER.height + 48;
  const heading = headingOf(result);
  const isBelow = method.detector === 'isolation-forest';
  const scores = { values: detection.scores, threshold: detection.offset, isBelow };
  const histogram = scoreHistogram(scores, { ...UPPER, width: 690 });
  const bars = reasonBars(reasonCounts(result), { ...UPPER, x: MARGIN + 740, width: UPPER.width - 740 });
  const note =
    places === undefined ? `${table.name} has no latitude and longitude: the picture has no map` : undefined;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" role="img">`,
    `<title>${escapeXml(heading)}</title>`,
    rectangle({ x: 0, y: 0, width: WIDTH, height }, '#fff'),
    text(MARGIN, 56, heading, { size: 28, weight: 700 }),
    text(
      MARGIN,
      84,
      fitted(`${basename(table.name)}: ${ruleOf(result)}; ${methodOf(result)}`, UPPER.width, 14),
      {
        size: 14,
        colour: COLOURS.quiet,
      },
    ),
    histogram,
    bars,
    places === undefined ? '' : maps(result, places),
    legend(result, places, height - 20),
    '</svg>',
    '',
  ].join('\n');
  return { svg, note };
}

function headingOf({ table, anomalies }: BatchResult): string {
  const records = count(table.rows, 'record');
  if (anomalies.length === 0) return `None of ${records} stands out`;
  return `${figure(anomalies.length)} of ${records} ${anomalies.length === 1 ? 'stands' : 'stand'} out`;
}

function reasonCounts({ features, detection }: BatchResult): (readonly [string, number])[] {
  const counts = new Int32Array(features.length);
  for (const reasons of detection.reasons.values())
    for (const { column } of reasons) counts[column] = (counts[column] as number) + 1;
  return features
    .map(({ name }, column) => [name, counts[column] as number] as const)
    .filter(([, number]) => number > 0)
    .toSorted(([, a], [, b]) => b - a);
}

/** One map of the area, or the world beside the area where most sensors are. */
function maps(result: BatchResult, places: Places): string {
  const marks = marksOf(result, places);
  const area = extentOf(places);
  if (area[2] - area[0] <= WORLDWIDE) {
    return sensorMap({ title: 'Where the sensors are', places, marks, area }, LOWER);
  }
  const crowd = mostCrowded(places);
  const world = { title: 'Where the sensors are', places, marks };
  if (crowd.share < CROWD) return sensorMap(world, LOWER);
  const zoom = { ...world, title: zoomTitle(crowd), area: crowd.area };
  return [
    sensorMap(world, { ...LOWER, width: 690 }),
    sensorMap(zoom, { ...LOWER, x: MARGIN + 710, width: LOWER.width - 710 }),
  ].join('\n');
}

function zoomTitle({ share }: { readonly share: number }): string {
  return `Closer: ${Math.round(share * 100)} % of the sensors`;
}

function marksOf(result: BatchResult, { rows }: Places): Mark[] {
  const { detection, anomalies, table } = result;
  const placeOf = new Map(Array.from(rows, (row, place) => [row, place]));
  const distance = (row: number) => Math.abs((detection.scores[row] as number) - detection.offset);
  const farthest = anomalies.reduce((most, row) => Math.max(most, distance(row)), Number.MIN_VALUE);
  const [first] = table.columns;
  return anomalies
    .flatMap((row) => {
      const place = placeOf.get(row);
      if (place === undefined) return [];
      const why = sentenceOf(result, detection.reasons.get(row)?.slice(0, 3));
      const title = `${first?.name} ${String(first?.values[row])}, score ${(detection.scores[row] as number).toFixed(4)}: ${why}`;
      return [{ place, strength: distance(row) / farthest, title }];
    })
    .toSorted((a, b) => a.strength - b.strength);
}

function legend({ table, anomalies }: BatchResult, places: Places | undefined, y: number): string {
  const look = { size: 12, colour: COLOURS.quiet };
  if (places === undefined) return text(MARGIN, y, 'No map: the table has no latitude and longitude.', look);
  const absent = table.rows - places.rows.length;
  const rest = absent === 0 ? '' : `   (${count(absent, 'record')} without coordinates: not on the map)`;
  return [
    `<circle cx="${MARGIN + 5}" cy="${y - 4}" r="2.5" fill="${COLOURS.ordinary}"/>`,
    text(MARGIN + 15, y, `ordinary: ${figure(table.rows - anomalies.length)}`, look),
    `<circle cx="${MARGIN + 155}" cy="${y - 4}" r="4.5" fill="${COLOURS.anomaly}"/>`,
    text(
      MARGIN + 166,
      y,
      `anomaly: ${figure(anomalies.length)}, larger where the score is stranger${rest}`,
      look,
    ),
  ].join('\n');
}
