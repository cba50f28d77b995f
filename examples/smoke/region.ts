import { gridCells, readAreas, type AreaFinder, type CsvType } from 'linnet';

/** How a reading's region is found, and the columns that it takes. */
export interface RegionRule {
  readonly columns: Readonly<Record<string, CsvType>>;
  readonly optional: Readonly<Record<string, CsvType>>;
  find(line: Readonly<Record<string, unknown>>): string;
}

/** Where a reading lies in no area of the GeoJSON, or has no place. */
const OUTSIDE = 'outside';
const PLACES_MAX = 100_000;

/**
 * Areas of a GeoJSON file, cells of a grid (`grid:0.5`, in degrees), the column of that name where the file has it, or else one
 * region of that name for all.
 */
export function regionRule(region: string): RegionRule {
  const grid = /^grid:(.+)$/.exec(region);
  if (region.endsWith('.geojson')) return byPlace(readAreas(region));
  if (grid !== null) return byPlace(gridCells(Number(grid[1])));
  return {
    columns: {},
    optional: { [region]: 'text' },
    find: (line) => {
      const own = line[region];
      return own === undefined ? region : own === null ? OUTSIDE : String(own);
    },
  };
}

/** Sensors stay where they are, so the area of a place is looked for once. */
function byPlace(find: AreaFinder): RegionRule {
  const known = new Map<unknown, { readonly longitude: unknown; readonly region: string }>();
  return {
    columns: { latitude: 'number', longitude: 'number' },
    optional: {},
    find: ({ latitude, longitude }) => {
      const before = known.get(latitude);
      if (before !== undefined && before.longitude === longitude) return before.region;
      const there = typeof latitude === 'number' && typeof longitude === 'number';
      const region = (there ? find(longitude, latitude) : null) ?? OUTSIDE;
      if (known.size >= PLACES_MAX) known.clear();
      known.set(latitude, { longitude, region });
      return region;
    },
  };
}
