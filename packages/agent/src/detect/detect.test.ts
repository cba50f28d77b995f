import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { openDetector } from './detector.ts';

const open = () => openDetector('half-space-trees');
/** A repeatable hum between -1 and 1. */
const hum = (n: number) => Math.sin(n * 12.9898) * Math.cos(n * 78.233);

test('a counter is an ordinary number: uptime, a sequence and irregular pulses, over a restart of the device', async () => {
  const { detect, state } = await open();
  let pulses = 0;
  for (let n = 0; n < 2000; n++) {
    const since = n < 1200 ? n : n - 1200;
    pulses = since === 0 ? 0 : pulses + Math.round(3 + 2 * hum(n));
    const score = detect({ uptime: since * 10, sequence: since, pulses, t: 20 + hum(n) });
    assert.equal(score, undefined, `reading ${n}`);
  }
  assert.deepEqual(state(), { warmUp: 55, fields: 4, ready: 4, anomalies: 0 });
});

test('a spike in one of five numbers is told, and the reading after it is not', async () => {
  const { detect } = await open();
  const reading = (n: number) => ({
    n,
    t: 20 + hum(n),
    h: 50 + 3 * hum(n + 7),
    v: 2.65,
    p: 1013 + Math.sin(n / 50),
  });
  for (let n = 0; n < 300; n++) assert.equal(detect(reading(n)), undefined, `reading ${n}`);
  for (const spike of [{ t: 60 }, { t: -40 }, { h: 95 }, { p: 900 }, { v: 1 }]) {
    assert.ok((detect({ ...reading(300), ...spike }) ?? 0) > 0.95, JSON.stringify(spike));
    for (let n = 301; n < 310; n++)
      assert.equal(detect(reading(n)), undefined, `${n} after ${JSON.stringify(spike)}`);
  }
});

test('days are ordinary: what rises beyond all that was learned, slowly, is no anomaly', async () => {
  const { detect, state } = await open();
  for (let n = 0; n < 5000; n++) detect({ t: 15 + 10 * Math.sin((n / 1440) * 2 * Math.PI) + hum(n) / 5 });
  assert.equal(state().anomalies, 0);
});

test('nothing is judged before its warm-up, however strange; nested numbers are watched, others are not', async () => {
  const { detect, state } = await open();
  for (let n = 0; n < 55; n++)
    assert.equal(detect({ a: { b: n % 7 === 0 ? 1e6 : hum(n) }, c: 'text', d: true }), undefined);
  assert.deepEqual(state(), { warmUp: 55, fields: 1, ready: 1, anomalies: 0 });
});

test('values that are not finite, and more numbers than are watched, do no harm', async () => {
  const { detect, state } = await open();
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, i]));
  for (let n = 0; n < 100; n++) detect({ ...wide, x: Number.NaN, y: Infinity });
  assert.equal(state().fields, 64);
});

test('three real motes over ten days: at most one reading in 100 is told, and 95 of 100 injected spikes', async () => {
  const file = new URL('../../../../examples/gateway/data/motes-1-4-6.txt.gz', import.meta.url);
  const motes = Map.groupBy(
    gunzipSync(readFileSync(file)).toString().trim().split('\n'),
    (line) => line.split(' ')[3],
  );
  let [readings, told, spikes, found] = [0, 0, 0, 0];
  for (const lines of motes.values()) {
    const { detect } = await open();
    lines.slice(0, 6000).forEach((line, i) => {
      const [epoch, , temperature, humidity, light, voltage] = line
        .split(' ')
        .slice(2)
        .map(Number) as number[];
      const spike = i % 200 === 199;
      // The range of ten days is 20 degrees.
      const strange = detect({
        epoch,
        temperature: (temperature as number) + (spike ? 18 : 0),
        humidity,
        light,
        voltage,
      });
      if (spike) spikes++;
      else readings++;
      if (strange !== undefined && spike) found++;
      else if (strange !== undefined) told++;
    });
  }
  assert.ok(told / readings < 0.01, `${told} of ${readings} were told`);
  assert.ok(found / spikes >= 0.95, `${found} of ${spikes} spikes were found`);
});

test('a name that is none, and a threshold that no score passes, are refused', async () => {
  await assert.rejects(openDetector('magic' as 'zscore'), /none of zscore, half-space-trees/);
  await assert.rejects(openDetector('half-space-trees', 3), { code: 'config.invalid' });
});
