import type { Bank, Spec } from '../base/component.ts';
import { LinnetError } from '../base/error.ts';
import { markedSeries, type MarkedSeries } from './series.ts';
import { subjectOf, type Online, type Subject } from './subject.ts';

const ROWS = 2000;
const ROWS_LONG = 10_000;
const SLOTS = 5;
/** Chance that an anomaly scores above a usual row; a coin reaches 0.5, by luck (three deviations) 0.64. */
const AUC_MIN = 0.65;

/** One law, and how it is broken: it throws, or it holds. */
export interface Law {
  readonly name: string;
  check(spec: Spec<Online>): void;
}

/** What every component holds that learns one row at a time: models, filters, imputers, scalers, drift detectors. */
export const laws: readonly Law[] = [
  { name: 'scoring changes nothing', check: scoringChangesNothing },
  { name: 'what is missing never poisons the state', check: missingNeverPoisons },
  { name: 'the same seed gives the same scores', check: sameSeedSameScores },
  { name: 'a snapshot restores to the bit', check: snapshotRestores },
  { name: 'a damaged or foreign snapshot is refused and changes nothing', check: damageIsRefused },
  { name: 'memory stays within its statement', check: memoryIsBounded },
  { name: 'once ready, always ready', check: readinessStays },
  { name: 'a bank of slots equals as many single models', check: bankEqualsSingles },
  { name: 'anomalies score above usual rows', check: betterThanChance },
];

/**
 * Holds a component against all laws; throws at the first that it breaks. For components of your own as for those that ship.
 * @throws Error that names the component, the law and what was seen
 */
export function checkModel(spec: Spec<Online>): void {
  for (const law of laws) law.check(spec);
}

function scoringChangesNothing(spec: Spec<Online>): void {
  const subject = subjectOf(spec);
  const { rows } = seriesFor(spec);
  for (const row of rows.slice(0, ROWS / 2)) {
    subject.learn(row);
    subject.probe(row);
  }
  const before = subject.instance.snapshot();
  for (const row of rows.slice(ROWS / 2)) subject.probe(row);
  sameBytes(spec, subject.instance.snapshot(), before, 'a score changed the state');
}

function missingNeverPoisons(spec: Spec<Online>): void {
  const subject = subjectOf(spec);
  const { rows } = seriesFor(spec);
  const holes = [NaN, Infinity, -Infinity];
  rows.forEach((row, i) => {
    subject.learn(row);
    const before = subject.instance.snapshot();
    subject.learn(row.map(() => holes[i % 3] as number));
    if (i % 100 === 0)
      sameBytes(spec, subject.instance.snapshot(), before, 'a row without a value was learned');
    subject.learn(row.map((value, column) => (column === i % row.length ? (holes[i % 3] as number) : value)));
    const said = subject.probe(row);
    if (!said.every(Number.isFinite)) fail(spec, `after missing values it says ${said.join(', ')}`);
  });
}

function sameSeedSameScores(spec: Spec<Online>): void {
  const [a, b] = [subjectOf(spec), subjectOf(spec)];
  for (const row of seriesFor(spec).rows)
    sameNumbers(spec, follow(a, row), follow(b, row), 'two instances differ');
  sameBytes(spec, a.instance.snapshot(), b.instance.snapshot(), 'two instances differ in state');
}

function snapshotRestores(spec: Spec<Online>): void {
  const [original, copy] = [subjectOf(spec), subjectOf(spec)];
  const other = markedSeries(ROWS, spec.features.length, 43).rows;
  seriesFor(spec).rows.forEach((row, i) => {
    if (i % 331 === 0) {
      const bytes = original.instance.snapshot();
      for (const strange of other.slice(i, i + 331)) copy.learn(strange);
      copy.instance.restore(bytes);
      sameBytes(spec, copy.instance.snapshot(), bytes, 'a restored snapshot differs');
    }
    sameNumbers(spec, follow(copy, row), follow(original, row), 'a restored instance goes on otherwise');
  });
}

function damageIsRefused(spec: Spec<Online>): void {
  const subject = subjectOf(spec);
  for (const row of seriesFor(spec).rows.slice(0, 700)) subject.learn(row);
  const whole = subject.instance.snapshot();
  const step = Math.max(1, Math.floor(whole.length / 200));
  for (let at = 0; at < whole.length; at += step) {
    const flipped = whole.slice();
    flipped[at] = (flipped[at] as number) ^ 0x10;
    for (const bytes of [flipped, whole.slice(0, at)]) refuses(spec, subject, bytes, `byte ${at}`);
  }
  refuses(spec, subject, Uint8Array.from([...whole, 0]), 'one byte too many');
  sameBytes(spec, subject.instance.snapshot(), whole, 'a refused snapshot changed the state');
}

function refuses(spec: Spec<Online>, { instance }: Subject, bytes: Uint8Array, what: string): void {
  try {
    instance.restore(bytes);
  } catch (error) {
    if (error instanceof LinnetError && error.code === 'snapshot.invalid') return;
    fail(spec, `a snapshot with ${what} wrong ends in ${String(error)}`);
  }
  fail(spec, `a snapshot with ${what} wrong was taken`);
}

function memoryIsBounded(spec: Spec<Online>): void {
  const subject = subjectOf(spec);
  const stated = subject.instance.bytes;
  for (const row of markedSeries(ROWS_LONG, spec.features.length, 7).rows) subject.learn(row);
  if (subject.instance.bytes > stated)
    fail(spec, `it states ${stated} bytes and grew to ${subject.instance.bytes}`);
}

function readinessStays(spec: Spec<Online>): void {
  const subject = subjectOf(spec);
  // A detector may start anew after a detection, and then it is not ready again.
  if (!('scoreOne' in subject.instance)) return;
  let ready = false;
  for (const row of seriesFor(spec).rows) {
    subject.learn(row);
    if (ready && !subject.instance.ready) fail(spec, 'it was ready and is not any more');
    ready = subject.instance.ready;
  }
  if (!ready) fail(spec, `it is not ready after ${ROWS} rows`);
}

function bankEqualsSingles(spec: Spec<Online>): void {
  const bank = spec.bank?.();
  if (bank === undefined) return;
  const { rows } = seriesFor(spec);
  const singles = Array.from({ length: SLOTS }, () => subjectOf(spec));
  bank.reserve(2);
  bank.reserve(SLOTS);
  // A slot moves to another bank half way, and one begins anew.
  for (const [i, row] of rows.entries()) {
    const slot = (i * 7 + (i >> 3)) % SLOTS;
    const single = singles[slot] as Subject;
    const expected = single.probe(row);
    single.learn(row);
    sameNumbers(spec, stepBank(bank, slot, row), expected, `slot ${slot} differs from a single model`);
    if (i === ROWS / 2) moveThroughSnapshot(spec, bank, slot);
    if (i === ROWS / 4) {
      bank.reset(slot);
      singles[slot] = subjectOf(spec);
    }
  }
  singles.forEach((single, slot) =>
    sameBytes(spec, bank.snapshot(slot), single.instance.snapshot(), `slot ${slot} has another state`),
  );
  if (bank.bytesPerSlot > (singles[0] as Subject).instance.bytes) fail(spec, 'a slot is larger than a model');
}

function moveThroughSnapshot(spec: Spec<Online>, bank: Bank, slot: number): void {
  const bytes = bank.snapshot(slot);
  bank.reset(slot);
  bank.restore(slot, bytes);
  sameBytes(spec, bank.snapshot(slot), bytes, 'a slot restored from its snapshot differs');
}

function betterThanChance(spec: Spec<Online>): void {
  const subject = subjectOf(spec);
  if (!('scoreOne' in subject.instance)) return;
  const { rows, isAnomaly } = seriesFor(spec);
  const usual: number[] = [];
  const strange: number[] = [];
  rows.forEach((row, i) => {
    const [score, ready] = subject.probe(row) as [number, number];
    subject.learn(row);
    if (ready === 1) (isAnomaly[i] ? strange : usual).push(score);
  });
  const above = strange.reduce((sum, a) => sum + usual.filter((b) => a > b).length, 0);
  const auc = above / (strange.length * usual.length);
  if (!(auc >= AUC_MIN)) fail(spec, `an anomaly scores above a usual row with chance ${auc}, not ${AUC_MIN}`);
}

function stepBank(bank: Bank, slot: number, row: Float64Array): number[] {
  const score = new Float64Array(1);
  const ready = new Uint8Array(1);
  bank.scoreLearn(Int32Array.of(slot), row, 1, score, ready);
  return [score[0] as number, ready[0] as number];
}

function follow(subject: Subject, row: Float64Array): number[] {
  return [...subject.probe(row), ...subject.learn(row), subject.instance.ready ? 1 : 0];
}

function seriesFor(spec: Spec<Online>): MarkedSeries {
  return markedSeries(ROWS, spec.features.length, 42);
}

function sameNumbers(
  spec: Spec<Online>,
  a: readonly number[],
  b: readonly number[],
  otherwise: string,
): void {
  if (a.length === b.length && a.every((value, i) => Object.is(value, b[i]))) return;
  fail(spec, `${otherwise}: ${a.join(', ')} instead of ${b.join(', ')}`);
}

function sameBytes(spec: Spec<Online>, a: Uint8Array, b: Uint8Array, otherwise: string): void {
  if (a.length !== b.length || a.some((value, i) => value !== b[i])) fail(spec, otherwise);
}

function fail(spec: Spec<Online>, why: string): never {
  throw new Error(`${spec.about.name}: ${why}`);
}
