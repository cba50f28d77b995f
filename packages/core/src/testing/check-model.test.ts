import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { catalog } from '../catalog.gen.ts';
import type { Spec } from '../base/component.ts';
import type { OnlineModel } from '../base/model.ts';
import type { Param } from '../base/param.ts';
import { zScore } from '../model/z-score.ts';
import { checkModel, laws } from './check-model.ts';
import { markedSeries } from './series.ts';
import { isOnline, subjectOf, type Online } from './subject.ts';

const stages = new Set(['impute', 'scale', 'model', 'threshold', 'drift']);

/** A value for a parameter that has no default. */
function given({ type, choices }: Param<unknown>): unknown {
  switch (type) {
    case 'names':
      return ['a', 'b'];
    case 'model':
      return catalog.halfSpaceTrees({ features: ['a', 'b'] });
    case 'number':
      return 0.9;
    case 'integer':
      return 20;
    case 'choice':
      return choices?.[0];
    default:
      return undefined;
  }
}

/** Every online component of the catalogue; one with a choice of kinds in each of them. */
function onlineSpecs(): [string, Spec<Online>][] {
  return Object.entries(catalog).flatMap(([name, component]) => {
    const { stage, params } = component.about;
    if (!stages.has(stage)) return [];
    const must = Object.entries(params).filter(([, param]) => param.default === undefined);
    const least = Object.fromEntries(must.map(([key, param]) => [key, given(param)]));
    const make = component as unknown as (given: object) => Spec<unknown>;
    const variants = Object.entries(params).flatMap(([key, { choices = [] }]) =>
      choices.map((choice): [string, object] => [`${name}, ${key} ${choice}`, { ...least, [key]: choice }]),
    );
    return (variants.length > 0 ? variants : [[name, least] as [string, object]]).flatMap(([title, all]) => {
      const spec = make(all);
      return isOnline(spec.create()) ? [[title, spec as Spec<Online>] as [string, Spec<Online>]] : [];
    });
  });
}

const specs = onlineSpecs();

test('the laws are held against all online components', () => {
  const names = new Set(specs.map(([title]) => title.split(',')[0]));
  for (const name of [
    'halfSpaceTrees',
    'statisticImputer',
    'standardScaler',
    'zScore',
    'thresholdFilter',
    'adwin',
  ]) {
    assert.ok(names.has(name), `${name} is missing`);
  }
});

for (const [title, spec] of specs) {
  for (const law of laws) test(`${title}: ${law.name}`, () => law.check(spec));
}

/** State after 300 rows, in the format of a released version, and what comes next. Entries are added, never changed. */
interface Fixture {
  readonly snapshot: string;
  readonly next: readonly number[];
}
const path = new URL('snapshots-v1.json', import.meta.url);
const fixtures = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Fixture>;

for (const [title, spec] of specs) {
  test(`${title}: a snapshot of version 1 loads and goes on as it did`, () => {
    const { rows } = markedSeries(400, spec.features.length, 1);
    const subject = subjectOf(spec);
    const next = () => rows.slice(300).flatMap((row) => [...subject.probe(row), ...subject.learn(row)]);
    if (fixtures[title] === undefined && process.env['ADD_FIXTURES'] === '1') {
      for (const row of rows.slice(0, 300)) subject.learn(row);
      const snapshot = Buffer.from(subject.instance.snapshot()).toString('base64');
      fixtures[title] = { snapshot, next: next().slice(-6) };
      writeFileSync(path, `${JSON.stringify(fixtures, null, 2)}\n`);
    }
    const fixture = fixtures[title];
    assert.ok(fixture, 'there is no fixture: run ADD_FIXTURES=1 npm test -- check-model');
    subject.instance.restore(Buffer.from(fixture.snapshot, 'base64'));
    assert.deepEqual(next().slice(-6), fixture.next);
  });
}

test('a model that breaks a law is caught', () => {
  const spec = zScore({ features: ['a'] });
  const broken = (change: (model: OnlineModel) => Partial<OnlineModel>): Spec<OnlineModel> => ({
    ...spec,
    create() {
      const model = spec.create();
      const proxy: OnlineModel = {
        get bytes() {
          return model.bytes;
        },
        get ready() {
          return model.ready;
        },
        scoreOne: (x) => model.scoreOne(x),
        learnOne: (x) => model.learnOne(x),
        snapshot: () => model.snapshot(),
        restore: (bytes) => model.restore(bytes),
      };
      return Object.defineProperties(proxy, Object.getOwnPropertyDescriptors(change(model)));
    },
  });
  checkModel(broken(() => ({})));
  let events = 0;
  const breaches: [string, (model: OnlineModel) => Partial<OnlineModel>][] = [
    ['a score changed the state', (model) => ({ scoreOne: (x) => (model.learnOne(x), 0) })],
    ['a row without a value was learned', (model) => ({ learnOne: (x) => model.learnOne([x[0] || 1]) })],
    ['two instances differ', (model) => ({ scoreOne: (x) => model.scoreOne(x) + events++ })],
    ['a restored snapshot differs', () => ({ restore() {} })],
    ['was taken', (model) => ({ restore: (bytes) => void (bytes.length > 500 && model.restore(bytes)) })],
    [
      'and grew to',
      () => ({
        get bytes() {
          return events++;
        },
      }),
    ],
    [
      'is not any more',
      (model) => ({
        get ready() {
          return model.ready && model.scoreOne([0.5]) < 1;
        },
      }),
    ],
    ['not 0.65', () => ({ scoreOne: () => 0 })],
  ];
  for (const [message, change] of breaches) {
    assert.throws(() => checkModel(broken(change)), new RegExp(message), message);
  }
});
