import { gridCells, readAreas } from 'linnet';

/** What a region is found by, of a reading. */
export interface Placed {
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** The column called REGION, where the file has one. */
  readonly area: unknown;
}

/** Where a reading lies in no area of the GeoJSON, or has no place. */
const OUTSIDE = 'outside';

/**
 * How a reading's region is found: areas of a GeoJSON file, cells of a grid (`grid:0.5`, in degrees), the column of that name, or
 * else one region of that name for all.
 */
export function regionFinder(region: string): (reading: Placed) => string {
  const grid = /^grid:(.+)$/.exec(region);
  if (!region.endsWith('.geojson') && grid === null) {
    return ({ area }) => (area === undefined ? region : area === null ? OUTSIDE : String(area));
  }
  const find = grid === null ? readAreas(region) : gridCells(Number(grid[1]));
  return ({ longitude, latitude }) =>
    longitude === null || latitude === null ? OUTSIDE : (find(longitude, latitude) ?? OUTSIDE);
}
