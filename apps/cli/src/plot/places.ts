/** Where the sensors stand: the coordinates of a table, and the area that most of them share. */
import type { Table } from '@linnet/connectors/file';

export interface Places {
  /** Rows with coordinates. */
  readonly rows: Int32Array;
  readonly longitudes: Float64Array;
  readonly latitudes: Float64Array;
}

/** West, south, east, north, in degrees. */
export type Area = readonly [west: number, south: number, east: number, north: number];

const LATITUDE = /^lat(?:itude)?$/i;
const LONGITUDE = /^(?:lon|lng|long|longitude)$/i;

/** The rows that say where they are, or nothing when there are none. What was imputed is no place. */
export function placesOf(table: Table): Places | undefined {
  const column = (pattern: RegExp) => {
    const found = table.columns.find(({ name, kind }) => kind === 'number' && pattern.test(name));
    return found?.kind === 'number' ? found.values : undefined;
  };
  const [latitudes, longitudes] = [column(LATITUDE), column(LONGITUDE)];
  if (latitudes === undefined || longitudes === undefined) return undefined;
  const rows: number[] = [];
  latitudes.forEach((latitude, row) => {
    if (Math.abs(latitude) <= 90 && Math.abs(longitudes[row] as number) <= 180) rows.push(row);
  });
  if (rows.length === 0) return undefined;
  return {
    rows: Int32Array.from(rows),
    longitudes: Float64Array.from(rows, (row) => longitudes[row] as number),
    latitudes: Float64Array.from(rows, (row) => latitudes[row] as number),
  };
}

/** The area of all places with a margin; never less than a hundredth of a degree. */
export function extentOf({ longitudes, latitudes }: Places): Area {
  const span = (values: Float64Array, limit: number) => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    const margin = Math.max(0.005, (high - low) * 0.06);
    return [Math.max(-limit, low - margin), Math.min(limit, high + margin)] as const;
  };
  const [[west, east], [south, north]] = [span(longitudes, 180), span(latitudes, 85)];
  return [west, south, east, north];
}

const CELL = 2;
const WINDOW: readonly [width: number, height: number] = [26, 18];

/** The window of 26 by 18 degrees with most places in it, and their share. */
export function mostCrowded({ longitudes, latitudes }: Places): {
  readonly area: Area;
  readonly share: number;
} {
  const [columns, rows] = [360 / CELL, 180 / CELL];
  const cells = new Int32Array(columns * rows);
  longitudes.forEach((longitude, index) => {
    const column = Math.min(columns - 1, Math.floor((longitude + 180) / CELL));
    const row = Math.min(rows - 1, Math.floor(((latitudes[index] as number) + 90) / CELL));
    const cell = row * columns + column;
    cells[cell] = (cells[cell] as number) + 1;
  });
  const [across, up] = [WINDOW[0] / CELL, WINDOW[1] / CELL];
  let best = { count: -1, column: 0, row: 0 };
  for (let row = 0; row + up <= rows; row++) {
    for (let column = 0; column + across <= columns; column++) {
      let count = 0;
      for (let y = row; y < row + up; y++) {
        for (let x = column; x < column + across; x++) count += cells[y * columns + x] as number;
      }
      if (count > best.count) best = { count, column, row };
    }
  }
  const [west, south] = [best.column * CELL - 180, best.row * CELL - 90];
  return { area: [west, south, west + WINDOW[0], south + WINDOW[1]], share: best.count / longitudes.length };
}
