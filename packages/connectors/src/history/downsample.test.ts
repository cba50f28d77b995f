import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Downsampler } from './downsample.ts';
import { decodeExtremes, encodeExtremes } from './chunk.ts';

/** First, last, and the least and greatest of each span, found the long way. */
function longWay(time: Float64Array, values: Float64Array, points: number): number[][] {
  const present = [...time]
    .map((at, i) => [at, values[i] as number])
    .filter(([, value]) => !Number.isNaN(value));
  if (present.length <= points) return present;
  const buckets = (points - 2) >> 1;
  const [from, to] = [time[0] as number, time.at(-1) as number];
  const chosen = new Set([present[0], present.at(-1)]);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const own = present.filter(
      ([at]) =>
        Math.min(buckets - 1, Math.floor((((at as number) - from) / (to - from || 1)) * buckets)) === bucket,
    );
    if (own.length === 0) continue;
    const range = own.map(([, value]) => value as number);
    chosen.add(own[range.indexOf(Math.min(...range))]);
    chosen.add(own[range.indexOf(Math.max(...range))]);
  }
  return present.filter((pair) => chosen.has(pair));
}

const series = fc.array(
  fc.tuple(
    fc.integer({ min: 1, max: 30 }),
    fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constant(Number.NaN)),
  ),
  { maxLength: 200 },
);

test('first, last and the extremes of each span stay, in whatever pieces the series comes', () => {
  fc.assert(
    fc.property(
      series,
      fc.integer({ min: 4, max: 40 }),
      fc.integer({ min: 1, max: 50 }),
      (steps, points, piece) => {
        let at = 0;
        const time = Float64Array.from(steps, ([step]) => (at += step));
        const values = Float64Array.from(steps, ([, value]) => value);
        const sampler = new Downsampler(points, time[0] ?? 0, time.at(-1) ?? 0);
        for (let i = 0; i < time.length; i += piece) {
          sampler.add(time.subarray(i, i + piece), values.subarray(i, i + piece));
        }
        const result = sampler.result();
        assert.deepEqual(
          [...result.time].map((t, i) => [t, result.value[i]]),
          longWay(time, values, points),
        );
      },
    ),
  );
});

test('extremes of a block stand for its readings', () => {
  const rows = 100_000;
  const time = Float64Array.from({ length: rows }, (_, i) => i * 10);
  const values = Float64Array.from(time, (at) => Math.round(Math.sin(at / 7e4) * 1e4) / 10);
  values[54_321] = 9999;
  const sampler = new Downsampler(20, 0, (rows - 1) * 10);
  let skipped = 0;
  for (let start = 0; start < rows; start += 1000) {
    const part = { time: time.subarray(start, start + 1000), values: values.subarray(start, start + 1000) };
    const bytes = encodeExtremes({ time: part.time, channels: new Map([[5, part.values]]) }) as Uint8Array;
    const extremes = decodeExtremes(bytes, 5);
    assert.ok(extremes);
    if (sampler.addExtremes(part.time[0] as number, part.time.at(-1) as number, extremes)) skipped++;
    else sampler.add(part.time, part.values);
  }
  const result = sampler.result();
  assert.ok(skipped > 80, `${skipped}`);
  assert.deepEqual(
    [...result.time].map((t, i) => [t, result.value[i]]),
    longWay(time, values, 20),
  );
  assert.ok(result.value.includes(9999));
});
