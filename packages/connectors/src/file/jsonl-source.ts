import type { Decoded, Payload, Rejected, Source } from '@linnet/core';
import { LineReader, shownPath } from './lines.ts';

const NEWLINE = 10;

/** A source of JSON lines: an object a line. A line that is not is rejected and counted; an empty one is passed over. */
export function jsonLines<T>(path: string): Source<T> {
  return {
    kind: 'jsonl',
    name: shownPath(path),
    bounded: path !== '-',
    open: (options) => new LineReader(path, options),
    decode: (payload) => decodeLines<T>(payload),
    place: (index) => `line ${index + 1}`,
  };
}

function decodeLines<T>(payload: Payload): Decoded<T> {
  const own = 'bytes' in payload ? payload.bytes : new Uint8Array(0);
  const bytes = Buffer.from(own.buffer, own.byteOffset, own.length);
  const items: T[] = [];
  const positions: number[] = [];
  const rejected: Rejected[] = [];
  let line = 0;
  for (let at = 0; at < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    if (end > at) {
      const value = parse(bytes.toString('utf8', at, end));
      if (typeof value === 'object') {
        items.push(value as T);
        positions.push(line);
      } else if (value !== '') rejected.push({ at: line, why: value });
    }
    at = end + 1;
  }
  const whole = positions.length === line;
  return { items, positions: whole ? null : Int32Array.from(positions), rejected };
}

/** The object, or why there is none; an empty text for a line that is not meant to hold anything. */
function parse(text: string): object | string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'not an object';
  } catch (error) {
    return text.trim() === '' ? '' : (error as Error).message;
  }
}
