import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Mt19937 } from './mt19937.ts';
import { PythonRandom } from './python-random.ts';
import { RandR } from './rand-r.ts';
import { RandomState } from './random-state.ts';

interface Draws {
  numpy_raw_u32: number[];
  numpy_randint_2147483647: number[];
  numpy_permutation_300_first_20: number[];
  numpy_uniform: number[];
  sklearn_sample_without_replacement_100000_256_first_20: number[];
  cpython_random: number[];
}
const golden = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../golden/${file}`, import.meta.url), 'utf8'));
const sampleOf3 = (n: number, k: number) => [...new RandomState(3).sampleWithoutReplacement(n, k)];
const draws = (seed: number) => {
  const generator = new RandR(seed);
  return times(5, () => generator.next());
};
const times = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);

test('every draw of NumPy, scikit-learn and CPython for five seeds', () => {
  const { seeds } = golden('mt19937_cases.json') as { seeds: Record<string, Draws> };
  for (const [text, expected] of Object.entries(seeds)) {
    const seed = Number(text);
    const words = Mt19937.fromInteger(seed);
    assert.deepEqual(
      times(5, () => words.uint32()),
      expected.numpy_raw_u32,
    );
    const integers = new RandomState(seed);
    assert.deepEqual(
      times(20, () => integers.randint(2147483647)),
      expected.numpy_randint_2147483647,
    );
    const uniform = new RandomState(seed);
    assert.deepEqual(
      times(5, () => uniform.random()),
      expected.numpy_uniform,
    );
    const order = [...new RandomState(seed).permutation(300)];
    assert.deepEqual(order.slice(0, 20), expected.numpy_permutation_300_first_20);
    const sample = [...new RandomState(seed).sampleWithoutReplacement(100000, 256)];
    assert.deepEqual(sample.slice(0, 20), expected.sklearn_sample_without_replacement_100000_256_first_20);
    const python = new PythonRandom(seed);
    assert.deepEqual(
      times(5, () => python.random()),
      expected.cpython_random,
    );
  }
});

test('RandomState(42) and Random(11), Random(42) beyond the first words', () => {
  const { mt19937 } = golden('sklearn_cases.json') as {
    mt19937: { random_sample: number[]; randint_2pow31: number[]; permutation10: number[] };
  };
  const [uniform, integers] = [new RandomState(42), new RandomState(42)];
  assert.deepEqual(
    times(10, () => uniform.random()),
    mt19937.random_sample,
  );
  assert.deepEqual(
    times(10, () => integers.randint(2 ** 31 - 1)),
    mt19937.randint_2pow31,
  );
  assert.deepEqual([...new RandomState(42).permutation(10)], mt19937.permutation10);
  const { python_random } = golden('hst_cases.json') as {
    python_random: { seed11: number[]; seed42: number[] };
  };
  for (const [seed, expected] of [
    [11, python_random.seed11],
    [42, python_random.seed42],
  ] as const) {
    const python = new PythonRandom(seed);
    assert.deepEqual(
      times(20, () => python.random()),
      expected,
    );
  }
});

// The values below were printed by NumPy 2.4.6, scikit-learn 1.9.1 and CPython 3.11.7.

test('the three ways of scikit-learn to sample without replacement, by the share that is taken', () => {
  assert.deepEqual(sampleOf3(1000, 10), [874, 664, 249, 643, 952, 968, 256, 789, 659, 714]);
  assert.deepEqual(sampleOf3(300, 299).slice(0, 8), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(sampleOf3(4, 4), [0, 1, 2, 3]);
  assert.deepEqual(sampleOf3(0, 0), []);
  assert.equal(new Set(sampleOf3(300, 100)).size, 100);
  const whole = new RandomState(3);
  assert.deepEqual(
    times(3, () => whole.randint(2 ** 32)),
    [2365658986, 303761048, 3041471737],
  );
});

test('Python draws samples from a pool when small and by rejection when large', () => {
  const thirty = [14, 3, 35, 31, 28, 17, 13, 43, 47, 57, 34, 5, 37, 27, 2, 1, 58, 63, 69, 32, 38, 54, 67, 12];
  assert.deepEqual([...new PythonRandom(42).sample(70, 30)], [...thirty, 45, 41, 59, 26, 51, 65]);
  assert.deepEqual(
    [...new PythonRandom(-42).sample(1e6, 8)],
    [670487, 116739, 26225, 777572, 288389, 256787, 234053, 146316],
  );
});

test('Python seeds of more than 32 bits, weighted choices and uniform draws', () => {
  assert.equal(new PythonRandom(2 ** 40 + 5).random(), 0.5043802970418443);
  assert.equal(new PythonRandom(7).uniform(-3, 5), -0.40933788133470106);
  const python = new PythonRandom(0);
  assert.deepEqual(
    times(8, () => python.choice([1, 5, 2])),
    [2, 2, 1, 1, 1, 1, 2, 1],
  );
});

test('a generator goes on from its state, and a damaged state is refused', () => {
  const python = new PythonRandom(42);
  times(700, () => python.random());
  const copy = new PythonRandom(0);
  copy.restoreState(python.state());
  assert.deepEqual(
    times(700, () => copy.random()),
    times(700, () => python.random()),
  );
  const state = python.state();
  state[624] = 625;
  assert.throws(() => copy.restoreState(state), { code: 'snapshot.invalid' });
  assert.throws(() => copy.restoreState([1, 2]), { code: 'snapshot.invalid' });
});

test('a seed that the generator cannot take is refused', () => {
  for (const seed of [-1, 2 ** 32, 0.5, NaN]) {
    assert.throws(() => new RandomState(seed), { code: 'config.invalid' });
  }
  assert.throws(() => new PythonRandom(1.5), { code: 'config.invalid' });
});

test("scikit-learn's rand_r", () => {
  assert.deepEqual(draws(42), [11355432, 688534700, 476557059, 1500562368, 1612499908]);
  assert.deepEqual(draws(2 ** 32 - 1), [253983, 2080898559, 1958451267, 1909229786, 2049502865]);
  assert.equal(new RandR(0).next(), 270369);
  assert.equal(new RandR(42).integer(10, 20), 10 + (11355432 % 10));
  assert.equal(new RandR(42).uniform(-1, 3), (4 * 11355432) / 2147483647 - 1);
});
