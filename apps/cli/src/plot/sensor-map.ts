/** A map with every sensor as a dot and every anomaly as a mark, the strangest on top. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { geoGraticule, geoMercator, geoNaturalEarth1, geoPath, type GeoProjection } from 'd3-geo';
import { feature, mesh } from 'topojson-client';
import { escapeXml } from '../escape-xml.ts';
import { COLOURS, figure, px, rectangle, text, type Box } from './draw.ts';
import type { Area, Places } from './places.ts';

/** Titles of marks are read one at a time; beyond so many they only make the file large. */
const TITLES_MAX = 2000;
/** Diameter of a dot: less where there are many. */
const DOTS = { few: 3.2, many: 1.9, isMany: 3000 } as const;
const WORLD: Area = [-180, -90, 180, 90];

export interface Mark {
  /** Position among the places. */
  readonly place: number;
  /** 0 at the threshold, 1 for the strangest. */
  readonly strength: number;
  readonly title: string;
}

export interface MapPanel {
  readonly title: string;
  readonly places: Places;
  /** Weakest first. */
  readonly marks: readonly Mark[];
  /** The whole world when it is not given. */
  readonly area?: Area | undefined;
}

type World = Parameters<typeof mesh>[0];
type Countries = NonNullable<Parameters<typeof mesh>[1]>;

export function sensorMap({ title, places, marks, area }: MapPanel, box: Box): string {
  const plot: Box = { x: box.x, y: box.y + 24, width: box.width, height: box.height - 24 };
  const projection = area === undefined ? wholeWorld(plot) : zoomed(area, plot);
  const path = geoPath(projection).digits(1);
  const world = readWorld();
  const { land: ground, countries } = world.objects;
  const land = ground === undefined ? null : path(feature(world, ground));
  const borders = path(mesh(world, countries as Countries, (a, b) => a !== b));
  const shown = area === undefined ? WORLD : shownArea(projection, plot, area);
  const degrees = area === undefined ? 30 : gridStep(shown);
  const grid = path(graticule(shown, degrees)());
  return [
    text(box.x, box.y + 14, title, { size: 15, weight: 600 }),
    rectangle(plot, COLOURS.panel, ' rx="6"'),
    area === undefined ? outline(grid, COLOURS.rule, 0.7) : '',
    land === null ? '' : `<path d="${land}" fill="${COLOURS.land}"/>`,
    outline(borders, COLOURS.border, 0.8),
    area === undefined ? '' : outline(grid, COLOURS.grid, 0.6),
    ...(area === undefined ? [] : gridLabels(shown, degrees, projection, plot)),
    dots(places, projection, plot),
    ...marks.map((mark, index) =>
      drawMark(mark, places, projection, plot, marks.length - index <= TITLES_MAX),
    ),
  ].join('\n');
}

/** Land and countries, from Natural Earth. */
function readWorld(): World {
  const path = fileURLToPath(import.meta.resolve('world-atlas/countries-110m.json'));
  return JSON.parse(readFileSync(path, 'utf8')) as World;
}

function wholeWorld({ x, y, width, height }: Box): GeoProjection {
  // Antarctica has no sensors and would take a quarter of the height.
  const inhabited = {
    type: 'MultiPoint' as const,
    coordinates: [
      [-180, 0],
      [180, 0],
      [0, 79],
      [0, -57],
    ],
  };
  return geoNaturalEarth1()
    .fitExtent(
      [
        [x + 4, y + 4],
        [x + width - 4, y + height - 4],
      ],
      inhabited,
    )
    .clipExtent([
      [x, y],
      [x + width, y + height],
    ]);
}

function zoomed([west, south, east, north]: Area, { x, y, width, height }: Box): GeoProjection {
  const corners = {
    type: 'MultiPoint' as const,
    coordinates: [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
    ],
  };
  return geoMercator()
    .fitExtent(
      [
        [x, y],
        [x + width, y + height],
      ],
      corners,
    )
    .clipExtent([
      [x, y],
      [x + width, y + height],
    ]);
}

/** Lines over the area alone: at a step for a city the whole world would have a million. */
function graticule([west, south, east, north]: Area, step: number) {
  const down = (value: number) => (Math.floor(value / step) - 1) * step;
  const extent: [[number, number], [number, number]] = [
    [Math.max(-180, down(west)), Math.max(-90, down(south))],
    [Math.min(180, down(east) + 3 * step), Math.min(90, down(north) + 3 * step)],
  ];
  return geoGraticule()
    .extent(extent)
    .step([step, step])
    .precision(Math.min(2.5, step / 4));
}

function outline(path: string | null, colour: string, width: number): string {
  return path === null ? '' : `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}"/>`;
}

/** All sensors as one path of points, each pixel once. */
function dots({ longitudes, latitudes }: Places, projection: GeoProjection, plot: Box): string {
  const seen = new Set<string>();
  longitudes.forEach((longitude, index) => {
    const at = projection([longitude, latitudes[index] as number]);
    if (at !== null && isInside(at, plot)) seen.add(`M${Math.round(at[0])} ${Math.round(at[1])}h0`);
  });
  return `<path d="${[...seen].join('')}" stroke="${COLOURS.ordinary}" stroke-width="${longitudes.length > DOTS.isMany ? DOTS.many : DOTS.few}" stroke-linecap="round" fill="none"/>`;
}

function drawMark(
  { place, strength, title }: Mark,
  places: Places,
  projection: GeoProjection,
  plot: Box,
  titled: boolean,
): string {
  const at = projection([places.longitudes[place] as number, places.latitudes[place] as number]);
  if (at === null || !isInside(at, plot)) return '';
  const circle = `cx="${px(at[0])}" cy="${px(at[1])}" r="${px(3 + 2.4 * strength)}" fill="${COLOURS.anomaly}" stroke="#fff" stroke-width="0.8"`;
  return titled ? `<circle ${circle}><title>${escapeXml(title)}</title></circle>` : `<circle ${circle}/>`;
}

function isInside([x, y]: readonly [number, number], plot: Box): boolean {
  return x >= plot.x && x <= plot.x + plot.width && y >= plot.y && y <= plot.y + plot.height;
}

/** A line or two over the narrower side, not more than eight over the wider. */
function gridStep([west, south, east, north]: Area): number {
  const [narrow, wide] = [east - west, north - south].toSorted((a, b) => a - b) as [number, number];
  const rough = Math.max(narrow / 2.5, wide / 8);
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}

/** Degrees along the lower and the left edge; in this projection the lines are straight. */
function gridLabels([west, south, east, north]: Area, step: number, projection: GeoProjection, plot: Box) {
  const look = { size: 10, colour: COLOURS.quiet, halo: true } as const;
  const [right, bottom] = [plot.x + plot.width, plot.y + plot.height];
  const under = multiples(west, east, step).flatMap((longitude) => {
    const [x = 0] = projection([longitude, south]) ?? [];
    if (x < plot.x + 40 || x > right - 24) return [];
    return text(x, bottom - 6, degreesText(longitude, 'E', 'W'), { ...look, anchor: 'middle' });
  });
  const beside = multiples(south, north, step).flatMap((latitude) => {
    const [, y = 0] = projection([west, latitude]) ?? [];
    return y < plot.y + 12 || y > bottom - 24
      ? []
      : text(plot.x + 6, y + 3, degreesText(latitude, 'N', 'S'), look);
  });
  return [...under, ...beside];
}

function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step) - first + 1);
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(8)));
}

/** What a panel shows of the world: the area asked for, and what its shape adds. */
function shownArea(projection: GeoProjection, { x, y, width, height }: Box, asked: Area): Area {
  const [west = asked[0], south = asked[1]] = projection.invert?.([x, y + height]) ?? [];
  const [east = asked[2], north = asked[3]] = projection.invert?.([x + width, y]) ?? [];
  return [west, south, east, north];
}

function degreesText(value: number, positive: string, negative: string): string {
  return `${figure(Math.abs(value), 6)}°${value === 0 ? '' : value > 0 ? positive : negative}`;
}
