import { LinnetError } from '../base/error.ts';

/** Tells the area that a place lies in, in degrees; null where it lies in none. */
export type AreaFinder = (longitude: number, latitude: number) => string | null;

interface Area {
  readonly name: string;
  /** Rings of all its polygons: x, y, x, y, … */
  readonly rings: readonly Float64Array[];
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

interface GeoObject {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly features?: unknown;
  readonly geometry?: unknown;
  readonly geometries?: unknown;
  readonly properties?: unknown;
  readonly coordinates?: unknown;
}

const NAMES = ['name', 'NAME', 'Name', 'region', 'id'];

/**
 * Areas of a GeoJSON (RFC 7946): polygons and multipolygons, with holes. A place that lies in several is the first one's; one on a
 * border belongs to one side of it. Features without an area are passed over. Areas must not cross the 180th meridian.
 *
 * @param options.name the property that holds an area's name; if not given the first of name, NAME, Name, region, id that is there
 * @throws LinnetError `data.invalid` where it is no GeoJSON or has no area
 */
export function areas(geojson: unknown, options: { readonly name?: string } = {}): AreaFinder {
  const found: Area[] = [];
  for (const [index, feature] of featuresOf(geojson).entries()) {
    const rings = ringsOf(feature.geometry as GeoObject | null, `feature ${index + 1}`);
    if (rings.length > 0) found.push(areaOf(nameOf(feature, options.name, index), rings));
  }
  if (found.length === 0) throw invalid('it has no polygon');
  return (longitude, latitude) => {
    for (const area of found) if (contains(area, longitude, latitude)) return area.name;
    return null;
  };
}

function featuresOf(geojson: unknown): GeoObject[] {
  const object = (typeof geojson === 'object' && geojson !== null ? geojson : {}) as GeoObject;
  if (object.type === 'FeatureCollection' && Array.isArray(object.features))
    return object.features.filter(
      (feature) => typeof feature === 'object' && feature !== null,
    ) as GeoObject[];
  if (object.type === 'Feature') return [object];
  if (typeof object.type === 'string') return [{ geometry: object }];
  throw invalid('it is no FeatureCollection, feature or geometry');
}

function nameOf(feature: GeoObject, property: string | undefined, index: number): string {
  const properties = (feature.properties ?? {}) as Record<string, unknown>;
  if (property !== undefined) {
    const own = properties[property];
    if (own === undefined || own === null)
      throw invalid(`feature ${index + 1} has no property ${JSON.stringify(property)}`);
    return String(own);
  }
  const given = [...NAMES.map((name) => properties[name]), feature.id].find(
    (name) => name !== undefined && name !== null && name !== '',
  );
  return given === undefined ? `area ${index + 1}` : String(given);
}

function ringsOf(geometry: GeoObject | null | undefined, where: string): Float64Array[] {
  const { type, coordinates, geometries } = geometry ?? {};
  if (type === 'Polygon') return listOf(coordinates, where).map((ring) => ringOf(ring, where));
  if (type === 'MultiPolygon')
    return listOf(coordinates, where).flatMap((polygon) =>
      listOf(polygon, where).map((ring) => ringOf(ring, where)),
    );
  if (type === 'GeometryCollection')
    return listOf(geometries, where).flatMap((own) => ringsOf(own as GeoObject, where));
  return [];
}

function ringOf(ring: unknown, where: string): Float64Array {
  const positions = listOf(ring, where);
  const flat = Float64Array.from(
    positions.flatMap((position) => {
      const [x, y] = listOf(position, where);
      if (typeof x !== 'number' || typeof y !== 'number')
        throw invalid(`${where} has a position without two numbers`);
      return [x, y];
    }),
  );
  if (flat.length < 6) throw invalid(`${where} has a ring of fewer than three positions`);
  return flat;
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(`${where} has no list where coordinates should be`);
}

function areaOf(name: string, rings: readonly Float64Array[]): Area {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      west = Math.min(west, ring[i] as number);
      east = Math.max(east, ring[i] as number);
      south = Math.min(south, ring[i + 1] as number);
      north = Math.max(north, ring[i + 1] as number);
    }
  }
  return { name, rings, west, south, east, north };
}

/** A ray to the east crosses the rings of an area an odd number of times from within; holes are rings as well. */
function contains({ rings, west, south, east, north }: Area, x: number, y: number): boolean {
  if (!(x >= west && x <= east && y >= south && y <= north)) return false;
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [xi, yi] = [ring[i] as number, ring[i + 1] as number];
      const [xj, yj] = [ring[j] as number, ring[j + 1] as number];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

function invalid(why: string): LinnetError {
  return new LinnetError('data.invalid', `no areas in this GeoJSON: ${why}`);
}
