import { areas, LinnetError, type AreaFinder } from '@linnet/core';
import { readFileBytes } from './read-file.ts';

/**
 * The areas of a GeoJSON file.
 * @param options.name the property that holds an area's name, as for `areas`
 * @throws LinnetError `io.not-found`, `io.failed`, `data.invalid` naming the file
 */
export function readAreas(path: string, options: { readonly name?: string } = {}): AreaFinder {
  const text = Buffer.from(readFileBytes(path))
    .toString('utf8')
    .replace(/^\ufeff/, '');
  try {
    return areas(JSON.parse(text), options);
  } catch (cause) {
    throw new LinnetError('data.invalid', `${path}: ${(cause as Error).message}`, { cause });
  }
}
