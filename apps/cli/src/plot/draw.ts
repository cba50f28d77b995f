/** The few shapes of the pictures, and how they look. */
import { escapeXml } from '../escape-xml.ts';

export const COLOURS = {
  ink: '#1d2433',
  quiet: '#5d6779',
  rule: '#dfe3ea',
  panel: '#f6f8fa',
  land: '#e4e8ed',
  border: '#ffffff',
  grid: '#cbd3dd',
  ordinary: '#6f8fb3',
  anomaly: '#d9480f',
} as const;

/** A rectangle of the picture, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface TextLook {
  readonly size?: number;
  readonly weight?: number;
  readonly colour?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly halo?: boolean;
}

export function text(x: number, y: number, content: string, look: TextLook = {}): string {
  const { size = 13, weight = 400, colour = COLOURS.ink, anchor = 'start', halo = false } = look;
  const outline = halo ? ' stroke="#fff" stroke-width="3" paint-order="stroke" stroke-linejoin="round"' : '';
  const heavy = weight === 400 ? '' : ` font-weight="${weight}"`;
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}"${heavy} fill="${colour}" text-anchor="${anchor}"${outline}>${escapeXml(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, colour: string, rest = ''): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${colour}"${rest}/>`;
}

export function rectangle({ x, y, width, height }: Box, fill: string, rest = ''): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="${fill}"${rest}/>`;
}

/** Text cut to about so many pixels. */
export function fitted(content: string, pixels: number, size: number): string {
  const most = Math.max(4, Math.floor(pixels / (size * 0.55)));
  return content.length <= most ? content : `${content.slice(0, most - 1)}…`;
}

/** A number for people: thousands apart, a true minus. */
export function figure(value: number, digits = 4): string {
  const shown = Number.isInteger(value)
    ? value.toLocaleString('en')
    : String(Number(value.toPrecision(digits)));
  return shown.replace('-', '−');
}

/** Tenths of a pixel are as fine as a screen shows. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}
