import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyPartitioner, murmur2, partitionOf } from './murmur2.ts';

test('murmur2 gives the values of Kafka’s own test (UtilsTest.testMurmur2)', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [text, hash] of cases) assert.equal(murmur2(Buffer.from(text)), hash, text);
});

test('a partition is never negative', () => {
  for (let i = 0; i < 1000; i++) {
    const partition = partitionOf(Buffer.from(`sensor-${i}`), 7);
    assert.ok(partition >= 0 && partition < 7);
  }
});

test('a key that is text lies where its bytes do, whatever it is written in', () => {
  const keys = new KeyPartitioner(7);
  for (const key of [
    '',
    'sensor-1',
    'Zürich',
    '東京/7',
    '🛰️',
    'a\0b',
    '\ud800',
    'x'.repeat(1000),
    'ü'.repeat(300),
  ])
    assert.equal(keys.partitionOf(key), partitionOf(new TextEncoder().encode(key), 7), key);
});
