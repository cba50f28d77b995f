import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Spec } from '../base/component.ts';
import type { DriftDetector } from '../base/model.ts';
import { adwin } from './adwin.ts';
import { kswin } from './kswin.ts';
import { pageHinkley } from './page-hinkley.ts';

interface Found {
  drift_at: number[];
  every10_width_total_mean_var: [number, number, number, number][];
}
const { cases } = JSON.parse(
  readFileSync(new URL('../../../../golden/river_cases.json', import.meta.url), 'utf8'),
) as { cases: Record<string, unknown> };
const series: Record<string, number[]> = {
  D: cases['drift_inputs_D'] as number[],
  B: cases['drift_inputs_B'] as number[],
};

function detections(spec: Spec<DriftDetector>, inputs: readonly number[]): number[] {
  const detector = spec.create();
  return inputs.flatMap((value, i) => (detector.update(value) ? [i] : []));
}

const specs: Record<string, Spec<DriftDetector>> = {
  adwin_default: adwin({}),
  'adwin_delta_0.05_clock_1': adwin({ delta: 0.05, clock: 1 }),
  page_hinkley_default: pageHinkley({}),
  page_hinkley_threshold_10: pageHinkley({ threshold: 10 }),
  kswin_seed42: kswin({ alpha: 0.001, seed: 42 }),
};
for (const [name, spec] of Object.entries(specs)) {
  for (const [input, found] of Object.entries(cases[name] as Record<string, Found>)) {
    test(`${name} on ${input} detects where River does`, () => {
      assert.deepEqual(detections(spec, series[input] as number[]), found.drift_at);
    });
  }
}

test('width, total, mean and variance of ADWIN to the bit', () => {
  for (const [name, component] of [
    ['adwin_default', adwin({})],
    ['adwin_delta_0.05_clock_1', adwin({ delta: 0.05, clock: 1 })],
  ] as const) {
    for (const [input, found] of Object.entries(cases[name] as Record<string, Found>)) {
      const detector = component.create();
      const seen = (series[input] as number[]).flatMap((value, i) => {
        detector.update(value);
        const { width, total, mean, variance } = detector;
        return i % 10 === 9 ? [[width, total, mean, variance]] : [];
      });
      assert.deepEqual(seen, found.every10_width_total_mean_var);
    }
  }
});

for (const [name, spec] of Object.entries(specs)) {
  test(`${name} skips what is not finite and finds nothing in a constant`, () => {
    const inputs = (series['D'] as number[]).flatMap((value) => [value, NaN, Infinity, -Infinity]);
    const found = detections(spec, inputs).map((i) => i / 4);
    assert.deepEqual(found, detections(spec, series['D'] as number[]));
    assert.deepEqual(
      detections(
        spec,
        Array.from({ length: 2000 }, () => 7.5),
      ),
      [],
    );
  });
}

test('Page-Hinkley looks for shifts up, down or both', () => {
  const step = (to: number) => Array.from({ length: 200 }, (_, i) => (i < 100 ? 0 : to));
  const found = (mode: 'up' | 'down' | 'both', to: number) =>
    detections(pageHinkley({ mode }), step(to)).length > 0;
  assert.deepEqual([found('up', 5), found('up', -5)], [true, false]);
  assert.deepEqual([found('down', 5), found('down', -5)], [false, true]);
  assert.deepEqual([found('both', 5), found('both', -5)], [true, true]);
});

test('KSWIN sees a change of spread that leaves the mean alone', () => {
  const spread = Array.from({ length: 400 }, (_, i) => ((i * 37) % 11) - 5).map((v, i) =>
    i < 250 ? v : 6 * v,
  );
  const [first] = detections(kswin({}), spread);
  assert.ok(first !== undefined && first >= 250 && first < 300);
});

test('a sample of older values that does not fit the window is refused', () => {
  assert.throws(() => kswin({ window: 50, recent: 30 }), /take at most 25/);
});
