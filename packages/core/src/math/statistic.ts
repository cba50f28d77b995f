import { SnapshotReader, SnapshotWriter } from '../base/snapshot.ts';

/** What a statistic or a model remembers, all of it, in arrays whose lengths never change. */
export interface Remembering {
  readonly state: readonly Float64Array[];
}

/** A running statistic of single values; shown finite values only. */
export interface Statistic extends Remembering {
  update(x: number): void;
  readonly value: number;
}

export function bytesOf(parts: readonly Remembering[]): number {
  return parts.reduce(
    (sum, { state }) => sum + state.reduce((part, { byteLength }) => part + byteLength, 0),
    0,
  );
}

/** @param identity the parameters, which the restoring side must share */
export function snapshotOf(
  component: string,
  version: number,
  identity: string,
  parts: readonly Remembering[],
): Uint8Array<ArrayBuffer> {
  const writer = new SnapshotWriter(component, version).text(identity);
  for (const { state } of parts) for (const values of state) writer.f64s(values);
  return writer.finish();
}

/** Changes nothing unless the whole snapshot fits. */
export function restoreInto(
  bytes: Uint8Array,
  component: string,
  version: number,
  identity: string,
  parts: readonly Remembering[],
): void {
  const reader = new SnapshotReader(bytes, component, version);
  reader.expect('parameters', reader.text(), identity);
  const arrays = parts.flatMap(({ state }) => state);
  const stored = arrays.map((values) => {
    const read = reader.f64s();
    reader.expect('an array of length', read.length, values.length);
    return read;
  });
  reader.finish();
  arrays.forEach((values, i) => values.set(stored[i] as Float64Array));
}
