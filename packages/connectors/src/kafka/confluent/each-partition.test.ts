import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eachPartition } from './each-partition.ts';

const at = (partition: number, offset: number) => ({ topic: 't', partition, offset });
const error = Object.assign(new Error('Broker: Leader not available'), { code: 5 });

for (const [place, gap] of [
  ['in the place of a position', error],
  ['beside an offset of -1', { ...at(1, -1), error }],
] as const) {
  test(`a partition without an answer is asked for again, the error ${place}`, async () => {
    let asked = 0;
    const ask = () => Promise.resolve([at(0, 7), ++asked < 3 ? gap : at(1, 9)]);
    assert.deepEqual(await eachPartition('list offsets', ask), [at(0, 7), at(1, 9)]);
    assert.equal(asked, 3);
    await assert.rejects(
      eachPartition('list offsets', () => Promise.resolve([at(0, 7), gap]), 0),
      { kind: 'retry', message: 'list offsets: Broker: Leader not available' },
    );
  });
}
