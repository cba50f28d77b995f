/** `npm start`: what Linnet finds in a real fleet, in one batch and as a stream. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LinnetError } from '@linnet/core';
import { batchPart } from './batch-part.ts';
import type { Part } from './part.ts';
import { streamPart } from './stream-part.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../examples');

/** @throws LinnetError `io.not-found` outside of a checkout, which alone has the snapshot */
export async function runStart(): Promise<void> {
  // As a person in this folder would write them.
  const path = (example: string) => relative(process.cwd(), join(EXAMPLES, example));
  const snapshot = path('purpleair/data.json');
  if (!existsSync(snapshot)) {
    throw new LinnetError(
      'io.not-found',
      `${snapshot} does not exist: the snapshot comes with a checkout of the repository`,
    );
  }
  const parts: Part[] = [await batchPart(snapshot), await streamPart(path('purpleair-stream/flow.ts'))];
  const found = parts.map(({ name, anomalies }) => `${figure(anomalies)} anomalies in the ${name}`);
  process.stdout.write(`\n${figure(parts[0]?.records ?? 0)} records: ${found.join(', ')}\n`);
}

function figure(value: number): string {
  return value.toLocaleString('en');
}
