import type { ModelSpec, TransformerSpec } from '../base/component.ts';
import { LinnetError } from '../base/error.ts';
import type { Key } from '../engine/batch.ts';
import type { FeatureReader } from '../engine/features.ts';
import type { Counts, Operator, Ports, Step, StepInput } from '../engine/operator.ts';
import { FilterOperator } from '../engine/operators/filter.ts';
import { FlatMapOperator } from '../engine/operators/flat-map.ts';
import { InspectOperator } from '../engine/operators/inspect.ts';
import { KeyByOperator } from '../engine/operators/key-by.ts';
import { MapOperator } from '../engine/operators/map.ts';
import { MergeOperator } from '../engine/operators/merge.ts';
import { ModelOperator, type Scored } from '../engine/operators/model.ts';
import { StatefulOperator, type StatefulFunctions } from '../engine/operators/stateful.ts';
import { TransformOperator } from '../engine/operators/transform.ts';
import type { Sink } from '../engine/sink.ts';
import type { FlowSteps } from './flow-steps.ts';

type UserFunction = (...args: never[]) => unknown;

interface StepParts {
  readonly kind: string;
  readonly create: (ports: Ports) => Operator;
  readonly functions?: readonly UserFunction[];
  readonly ports?: readonly string[];
  readonly label?: string;
  readonly settings?: unknown;
  readonly inputs?: readonly StepInput[];
  readonly advice?: (counts: Counts) => string | undefined;
}

/**
 * The records that leave a step. Every method adds a step and returns what leaves that one; the first argument is the
 * step's id, unique in the flow. Functions must depend on their arguments alone: they run on any worker.
 */
export class Stream<T> {
  readonly flow: FlowSteps;
  readonly from: StepInput;

  constructor(flow: FlowSteps, from: StepInput) {
    this.flow = flow;
    this.from = from;
  }

  /** One record for each record. */
  map<U>(id: string, fn: (item: T) => U): Stream<U> {
    return this.append(id, mapParts(id, fn));
  }

  /** The records for which the predicate holds. */
  filter<U extends T>(id: string, predicate: (item: T) => item is U): Stream<U>;
  filter(id: string, predicate: (item: T) => boolean): Stream<T>;
  filter(id: string, predicate: (item: T) => boolean): Stream<T> {
    return this.append(id, filterParts(id, predicate));
  }

  /** Any number of records for each record. */
  flatMap<U>(id: string, fn: (item: T) => Iterable<U>): Stream<U> {
    return this.append(id, flatMapParts(id, fn));
  }

  /** Shows every record to a function, and passes it on. */
  inspect(id: string, look: (item: T) => void): Stream<T> {
    return this.append(id, inspectParts(id, look));
  }

  /** Two streams: the records for which the predicate holds, and the rest. */
  branch(id: string, predicate: (item: T) => boolean): { matched: Stream<T>; rest: Stream<T> } {
    checkFunction(id, predicate);
    const matched = this.append<T>(id, {
      kind: 'branch',
      ports: ['matched', 'rest'],
      functions: [predicate],
      create: () => new FilterOperator(predicate as (item: unknown) => boolean, true),
    });
    return { matched, rest: new Stream<T>(this.flow, { step: id, port: 1 }) };
  }

  /** This stream and others as one, in the order of the source. */
  merge<U>(id: string, ...others: readonly Stream<U>[]): Stream<T | U> {
    if (others.length === 0 || others.some((other) => other.flow !== this.flow)) {
      throw new LinnetError(
        'config.invalid',
        `step "${id}": merge takes one or more streams of the same flow`,
      );
    }
    return this.append(id, {
      kind: 'merge',
      inputs: [this.from, ...others.map((other) => other.from)],
      create: () => new MergeOperator(),
    });
  }

  /**
   * Gives each record a key. From here on all records of a key are handled by one worker, in the order of the source.
   */
  keyBy<K extends Key>(id: string, key: (item: T) => K): KeyedStream<K, T> {
    checkFunction(id, key);
    addStep(this.flow, this.from, id, false, {
      kind: 'keyBy',
      functions: [key],
      create: () => new KeyByOperator(key as (item: unknown) => Key),
    });
    return new KeyedStream<K, T>(this.flow, { step: id, port: 0 });
  }

  /** Ends the stream in a sink. */
  sink(id: string, sink: Sink<T>): FlowSteps {
    return addSink(this.flow, this.from, id, sink as Sink<unknown>);
  }

  private append<U>(id: string, parts: StepParts): Stream<U> {
    return new Stream<U>(this.flow, addStep(this.flow, this.from, id, false, parts));
  }
}

/** Records with a key: state and models are kept a key. Steps without a state keep the key. */
export class KeyedStream<K extends Key, T> {
  readonly flow: FlowSteps;
  readonly from: StepInput;

  constructor(flow: FlowSteps, from: StepInput) {
    this.flow = flow;
    this.from = from;
  }

  /** One record for each record; the key stays. */
  map<U>(id: string, fn: (item: T) => U): KeyedStream<K, U> {
    return this.append(id, mapParts(id, fn));
  }

  /** The records for which the predicate holds. */
  filter<U extends T>(id: string, predicate: (item: T) => item is U): KeyedStream<K, U>;
  filter(id: string, predicate: (item: T) => boolean): KeyedStream<K, T>;
  filter(id: string, predicate: (item: T) => boolean): KeyedStream<K, T> {
    return this.append(id, filterParts(id, predicate));
  }

  /** Any number of records for each record; the key stays. */
  flatMap<U>(id: string, fn: (item: T) => Iterable<U>): KeyedStream<K, U> {
    return this.append(id, flatMapParts(id, fn));
  }

  /** Shows every record to a function, and passes it on. */
  inspect(id: string, look: (item: T) => void): KeyedStream<K, T> {
    return this.append(id, inspectParts(id, look));
  }

  /**
   * One record for each record, with a state a key that `step` may change in place.
   * @param functions `initial` makes a key's state, `step` takes state, record and key and returns the new record
   */
  stateful<S, U>(
    id: string,
    functions: { initial: (key: K) => S; step: (state: S, item: T, key: K) => U },
  ): KeyedStream<K, U> {
    checkFunction(id, functions.initial);
    checkFunction(id, functions.step);
    return this.append(id, {
      kind: 'stateful',
      functions: [functions.initial, functions.step],
      create: ({ codec }) => new StatefulOperator(functions as unknown as StatefulFunctions, codec),
    });
  }

  /**
   * One model a key: each record is scored by the model as it was before it, then learned.
   * @param options.features reads the features from a record; by default the properties named in the model
   */
  model(
    id: string,
    spec: ModelSpec,
    options: {
      features?: (item: T) => number | null | undefined | ArrayLike<number | null | undefined>;
    } = {},
  ): KeyedStream<K, Scored<T>> {
    const read = options.features as FeatureReader | undefined;
    return this.append(id, {
      kind: 'model',
      label: spec.about.name,
      settings: settingsOf(spec),
      functions: read === undefined ? [] : [read],
      create: () => new ModelOperator(spec, read),
      advice: (counts) => neverReady(spec, counts),
    });
  }

  /**
   * One transformer (imputer, scaler) a key: learns the features of each record, then writes their transformed values
   * into the record, or into a copy where they differ.
   */
  transform(id: string, spec: TransformerSpec): KeyedStream<K, T> {
    return this.append(id, {
      kind: 'transform',
      label: spec.about.name,
      settings: settingsOf(spec),
      create: () => new TransformOperator(spec),
    });
  }

  /** Gives each record another key. */
  keyBy<L extends Key>(id: string, key: (item: T) => L): KeyedStream<L, T> {
    return new Stream<T>(this.flow, this.from).keyBy(id, key);
  }

  /** The same records without their key. */
  unkeyed(): Stream<T> {
    return new Stream<T>(this.flow, this.from);
  }

  /** Ends the stream in a sink. */
  sink(id: string, sink: Sink<T>): FlowSteps {
    return addSink(this.flow, this.from, id, sink as Sink<unknown>);
  }

  private append<U>(id: string, parts: StepParts): KeyedStream<K, U> {
    return new KeyedStream<K, U>(this.flow, addStep(this.flow, this.from, id, true, parts));
  }
}

function mapParts(id: string, fn: UserFunction): StepParts {
  checkFunction(id, fn);
  return { kind: 'map', functions: [fn], create: () => new MapOperator(fn as (item: unknown) => unknown) };
}

function filterParts(id: string, predicate: UserFunction): StepParts {
  checkFunction(id, predicate);
  const create = () => new FilterOperator(predicate as (item: unknown) => boolean, false);
  return { kind: 'filter', functions: [predicate], create };
}

function flatMapParts(id: string, fn: UserFunction): StepParts {
  checkFunction(id, fn);
  const create = () => new FlatMapOperator(fn as (item: unknown) => Iterable<unknown>);
  return { kind: 'flatMap', functions: [fn], create };
}

function inspectParts(id: string, look: UserFunction): StepParts {
  checkFunction(id, look);
  return {
    kind: 'inspect',
    functions: [look],
    create: () => new InspectOperator(look as (item: unknown) => void),
  };
}

function addStep(flow: FlowSteps, from: StepInput, id: string, keyed: boolean, parts: StepParts): StepInput {
  const step: Step = { id, keyed, inputs: [from], ports: ['out'], functions: [], ...parts };
  flow.add(step);
  return { step: id, port: 0 };
}

function addSink(flow: FlowSteps, from: StepInput, id: string, sink: Sink<unknown>): FlowSteps {
  flow.add({
    id,
    kind: 'sink',
    sink,
    inputs: [from],
    ports: [],
    keyed: false,
    label: sink.kind,
    functions: [],
  });
  return flow;
}

function checkFunction(id: string, fn: unknown): void {
  if (typeof fn === 'function') return;
  throw new LinnetError(
    'config.invalid',
    `step "${id}" takes a function, not ${fn === null ? 'null' : typeof fn}`,
  );
}

function settingsOf({ about, params }: ModelSpec | TransformerSpec): unknown {
  return { component: about.name, params };
}

function neverReady(spec: ModelSpec, counts: Counts): string | undefined {
  const { scored = 0, unready = 0 } = counts;
  if (scored === 0 || unready < scored) return undefined;
  return `no ${spec.about.name} model ever had enough records to be ready (${scored} records were scored): no score means anything; use fewer keys or a shorter warm-up`;
}
