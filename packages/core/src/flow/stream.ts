import type { ModelSpec, TransformerSpec } from '../base/component.ts';
import type { Duration } from '../base/duration.ts';
import { LinnetError } from '../base/error.ts';
import { stampReader, type StampFormat } from '../base/stamp.ts';
import type { Windower } from '../base/window.ts';
import type { Key } from '../engine/batch.ts';
import type { FeatureReader } from '../engine/features.ts';
import type { StepInput } from '../engine/operator.ts';
import {
  EventTimeOperator,
  ProcessingTimeOperator,
  type Quarantined,
} from '../engine/operators/event-time.ts';
import type { Joined, JoinLate } from '../engine/operators/join.ts';
import { KeyByOperator } from '../engine/operators/key-by.ts';
import { MergeOperator } from '../engine/operators/merge.ts';
import { ModelOperator, type Scored } from '../engine/operators/model.ts';
import { StatefulOperator, type StatefulFunctions } from '../engine/operators/stateful.ts';
import { TransformOperator } from '../engine/operators/transform.ts';
import type { Pair, WindowJoinLate } from '../engine/operators/window-join.ts';
import { WindowOperator, type Fold, type Late, type WindowResult } from '../engine/operators/window.ts';
import type { Sink } from '../engine/sink.ts';
import { timeliness, type Timeliness, type TimelinessOptions } from '../engine/timeliness.ts';
import { count, max, mean, min, type Folding } from './folds.ts';
import type { FlowSteps } from './flow-steps.ts';
import * as joins from './joins.ts';
import * as parts from './parts.ts';

export interface EventTimeOptions<T> extends TimelinessOptions {
  /** The record's own stamp. */
  readonly at: (item: T) => unknown;
  /** How the stamp is written; `ms` if not given. `detect` only where it must be. */
  readonly format?: StampFormat;
  /** What a text without a zone means; UTC if not given. */
  readonly zone?: string;
}

/**
 * The records that leave a step. Every method adds a step and returns what leaves that one; the first argument is the
 * step's id, unique in the flow. Functions must depend on their arguments alone: they run on any worker.
 */
export class Stream<T> {
  readonly flow: FlowSteps;
  readonly from: StepInput;
  readonly timeliness: Timeliness | undefined;

  constructor(flow: FlowSteps, from: StepInput, time?: Timeliness) {
    this.flow = flow;
    this.from = from;
    this.timeliness = time;
  }

  /** One record for each record. */
  map<U>(id: string, fn: (item: T) => U): Stream<U> {
    return this.append(id, parts.mapParts(id, fn));
  }

  /** The records for which the predicate holds. */
  filter<U extends T>(id: string, predicate: (item: T) => item is U): Stream<U>;
  filter(id: string, predicate: (item: T) => boolean): Stream<T>;
  filter(id: string, predicate: (item: T) => boolean): Stream<T> {
    return this.append(id, parts.filterParts(id, predicate));
  }

  /** Any number of records for each record. */
  flatMap<U>(id: string, fn: (item: T) => Iterable<U>): Stream<U> {
    return this.append(id, parts.flatMapParts(id, fn));
  }

  /** Shows every record to a function, and passes it on. */
  inspect(id: string, look: (item: T) => void): Stream<T> {
    return this.append(id, parts.inspectParts(id, look));
  }

  /** Two streams: the records for which the predicate holds, and the rest. */
  branch(id: string, predicate: (item: T) => boolean): { matched: Stream<T>; rest: Stream<T> } {
    const matched = this.append<T>(id, parts.branchParts(id, predicate));
    return { matched, rest: new Stream<T>(this.flow, { step: id, port: 1 }, this.timeliness) };
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
   * Reads each record's event time, by which windows and joins work from here on. A stamp that is none, that is of 1970, or
   * that lies in the future goes to `quarantined` and moves no watermark.
   */
  eventTime(id: string, options: EventTimeOptions<T>): TimedStream<T> {
    const { at, format = 'ms', zone } = options;
    parts.checkFunction(id, at);
    const time = timeliness(options, id);
    const read = stampReader(format, zone);
    const from = parts.addStep(this.flow, this.from, id, false, {
      kind: 'eventTime',
      label: `${format}, ${time.watermark}`,
      ports: ['timed', 'quarantined'],
      functions: [at],
      settings: { format, zone, ...time },
      create: () => new EventTimeOperator((item) => read(at(item as T)), time),
      advice: parts.quarantinedUnseen(format),
    });
    return new TimedStream<T>(this.flow, from, time);
  }

  /**
   * Takes the time at which each record was read for its time: windows and joins work by the clock on the wall, and nothing is
   * late. Over files that clock stands still, so that two runs give the same: everything is of the instant of the first start.
   */
  processingTime(id: string): Stream<T> {
    const time = timeliness({ lateness: 0, idle: 0, maxFuture: 0 }, id);
    const from = parts.addStep(this.flow, this.from, id, false, {
      kind: 'eventTime',
      label: 'processing time',
      settings: { format: 'processing', ...time },
      create: () => new ProcessingTimeOperator(),
    });
    return new Stream<T>(this.flow, from, time);
  }

  /**
   * Gives each record a key. From here on all records of a key are handled by one worker, in the order of the source.
   */
  keyBy<K extends Key>(id: string, key: (item: T) => K): KeyedStream<K, T> {
    parts.checkFunction(id, key);
    const from = parts.addStep(this.flow, this.from, id, false, {
      kind: 'keyBy',
      functions: [key],
      create: () => new KeyByOperator(key as (item: unknown) => Key),
    });
    return new KeyedStream<K, T>(this.flow, from, this.timeliness);
  }

  /** Ends the stream in a sink. */
  sink(id: string, sink: Sink<T>): FlowSteps {
    return parts.addSink(this.flow, this.from, id, sink as Sink<unknown>);
  }

  private append<U>(id: string, step: parts.StepParts): Stream<U> {
    return new Stream<U>(this.flow, parts.addStep(this.flow, this.from, id, false, step), this.timeliness);
  }
}

/** Records with their event time, and beside them those whose stamp cannot be believed. */
export class TimedStream<T> extends Stream<T> {
  get quarantined(): Stream<Quarantined<T>> {
    return new Stream<Quarantined<T>>(this.flow, { step: this.from.step, port: 1 });
  }
}

/** Records with a key: state and models are kept a key. Steps without a state keep the key. */
export class KeyedStream<K extends Key, T> {
  readonly flow: FlowSteps;
  readonly from: StepInput;
  readonly timeliness: Timeliness | undefined;

  constructor(flow: FlowSteps, from: StepInput, time?: Timeliness) {
    this.flow = flow;
    this.from = from;
    this.timeliness = time;
  }

  /** One record for each record; the key stays. */
  map<U>(id: string, fn: (item: T) => U): KeyedStream<K, U> {
    return this.append(id, parts.mapParts(id, fn));
  }

  /** The records for which the predicate holds. */
  filter<U extends T>(id: string, predicate: (item: T) => item is U): KeyedStream<K, U>;
  filter(id: string, predicate: (item: T) => boolean): KeyedStream<K, T>;
  filter(id: string, predicate: (item: T) => boolean): KeyedStream<K, T> {
    return this.append(id, parts.filterParts(id, predicate));
  }

  /** Any number of records for each record; the key stays. */
  flatMap<U>(id: string, fn: (item: T) => Iterable<U>): KeyedStream<K, U> {
    return this.append(id, parts.flatMapParts(id, fn));
  }

  /** Shows every record to a function, and passes it on. */
  inspect(id: string, look: (item: T) => void): KeyedStream<K, T> {
    return this.append(id, parts.inspectParts(id, look));
  }

  /**
   * One record for each record, with a state a key that `step` may change in place.
   * @param functions `initial` makes a key's state, `step` takes state, record and key and returns the new record
   */
  stateful<S, U>(
    id: string,
    functions: { initial: (key: K) => S; step: (state: S, item: T, key: K) => U },
    options: parts.ExpiryOptions = {},
  ): KeyedStream<K, U> {
    parts.checkFunction(id, functions.initial);
    parts.checkFunction(id, functions.step);
    return this.remembering(id, options, {
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
    options: parts.ExpiryOptions & {
      features?: (item: T) => number | null | undefined | ArrayLike<number | null | undefined>;
    } = {},
  ): KeyedStream<K, Scored<T>> {
    const read = options.features as FeatureReader | undefined;
    return this.remembering(id, options, {
      kind: 'model',
      label: spec.about.name,
      settings: parts.settingsOf(spec),
      functions: read === undefined ? [] : [read],
      create: () => new ModelOperator(spec, read),
      advice: (counts) => parts.neverReady(spec, counts),
    });
  }

  /**
   * One transformer (imputer, scaler) a key: learns the features of each record, then writes their transformed values
   * into a copy of the record where they differ.
   */
  transform(id: string, spec: TransformerSpec, options: parts.ExpiryOptions = {}): KeyedStream<K, T> {
    return this.remembering(id, options, {
      kind: 'transform',
      label: spec.about.name,
      settings: parts.settingsOf(spec),
      create: () => new TransformOperator(spec),
    });
  }

  /**
   * Cuts each key's records into windows of event time; what becomes of them is said next.
   * @param options.ordered fold in the order of event time (the default), so that the result does not depend on the order
   * of arrival; otherwise at once, in the order of arrival
   * @throws LinnetError `flow.invalid` when the stream has no event time
   */
  window<S>(windower: Windower<S>, options: { ordered?: boolean } = {}): Windowing<K, T> {
    return new Windowing<K, T>(this, windower as Windower, options.ordered ?? true);
  }

  /**
   * Pairs each record with every record of another stream that has the same key and lies within an interval of event time: one
   * pair for each combination, in the order of event time, once the watermark has passed both.
   * @throws LinnetError `flow.invalid` when a stream has no event time, or is of another flow
   */
  join<U>(
    id: string,
    right: KeyedStream<K, U>,
    options: { within: joins.Within },
  ): JoinStream<K, Joined<K, T, U>, JoinLate<K, T, U>> {
    return this.joined(id, right, (...inputs) => joins.intervalJoin(id, ...inputs, options.within, false));
  }

  /** As `join`, and each record that finds no other once, with `right: null`, when none can come any more. */
  leftJoin<U>(
    id: string,
    right: KeyedStream<K, U>,
    options: { within: joins.Within },
  ): JoinStream<K, Joined<K, T, U | null>, JoinLate<K, T, U>> {
    return this.joined(id, right, (...inputs) => joins.intervalJoin(id, ...inputs, options.within, true));
  }

  /**
   * Each record with the latest record of another stream that has the same key and is not after it, such as a reading with the
   * calibration that held then.
   * @param options.tolerance how old that record may be; any age if not given
   * @param options.type `left` (the default) gives a record that finds none with `right: null`, `inner` drops it
   */
  asOfJoin<U>(
    id: string,
    right: KeyedStream<K, U>,
    options: { tolerance?: Duration; type: 'inner' },
  ): JoinStream<K, Joined<K, T, U>, JoinLate<K, T, U>>;
  asOfJoin<U>(
    id: string,
    right: KeyedStream<K, U>,
    options?: { tolerance?: Duration; type?: 'left' },
  ): JoinStream<K, Joined<K, T, U | null>, JoinLate<K, T, U>>;
  asOfJoin<U>(
    id: string,
    right: KeyedStream<K, U>,
    options: joins.AsOfOptions = {},
  ): JoinStream<K, Joined<K, T, U | null>, JoinLate<K, T, U>> {
    return this.joined(id, right, (...inputs) => joins.asOfJoin(id, ...inputs, options));
  }

  /** Gives each record another key. */
  keyBy<L extends Key>(id: string, key: (item: T) => L): KeyedStream<L, T> {
    return this.unkeyed().keyBy(id, key);
  }

  /** The same records without their key. */
  unkeyed(): Stream<T> {
    return new Stream<T>(this.flow, this.from, this.timeliness);
  }

  /** Ends the stream in a sink. */
  sink(id: string, sink: Sink<T>): FlowSteps {
    return parts.addSink(this.flow, this.from, id, sink as Sink<unknown>);
  }

  private joined<U, R, L>(
    id: string,
    right: KeyedStream<K, U>,
    make: (left: joins.JoinInput, right: joins.JoinInput) => joins.JoinParts,
  ): JoinStream<K, R, L> {
    const { step, time } = make(this, right);
    return new JoinStream<K, R, L>(this.flow, parts.addStep(this.flow, this.from, id, true, step), time);
  }

  private remembering<U>(id: string, options: parts.ExpiryOptions, step: parts.StepParts): KeyedStream<K, U> {
    return this.append(id, parts.expiring(id, step, this.timeliness, options));
  }

  private append<U>(id: string, step: parts.StepParts): KeyedStream<K, U> {
    return new KeyedStream<K, U>(
      this.flow,
      parts.addStep(this.flow, this.from, id, true, step),
      this.timeliness,
    );
  }
}

/** What windows came to, and beside it the records that came too late for theirs. */
export class WindowStream<K extends Key, A, T> extends KeyedStream<K, WindowResult<K, A>> {
  get late(): KeyedStream<K, Late<K, T>> {
    return new KeyedStream<K, Late<K, T>>(this.flow, { step: this.from.step, port: 1 }, this.timeliness);
  }
}

/** What a join gives, and beside it the records that came too late for it. */
export class JoinStream<K extends Key, R, L> extends KeyedStream<K, R> {
  get late(): KeyedStream<K, L> {
    return new KeyedStream<K, L>(this.flow, { step: this.from.step, port: 1 }, this.timeliness);
  }
}

/** Windows of which it must still be said what becomes of their records. */
export class Windowing<K extends Key, T> {
  private readonly stream: KeyedStream<K, T>;
  private readonly windower: Windower;
  private readonly ordered: boolean;

  constructor(stream: KeyedStream<K, T>, windower: Windower, ordered: boolean) {
    this.stream = stream;
    this.windower = windower;
    this.ordered = ordered;
  }

  /**
   * Folds the records of a window into one value.
   * @param functions `fold` takes the value so far and a record and returns the new value; `merge` joins the values of two
   * sessions that a record joined, needed when the fold is not ordered; `result` is what comes out in the end
   */
  fold<A, R = A>(id: string, functions: Folding<T, A, R>): WindowStream<K, R, T> {
    const { flow, from, timeliness: time } = this.stream;
    const { windower, ordered } = this;
    parts.checkFunction(id, functions.initial);
    parts.checkFunction(id, functions.fold);
    if (time === undefined) {
      throw new LinnetError(
        'flow.invalid',
        `step "${id}": a window needs event time; add .eventTime(id, …) before the keyBy`,
      );
    }
    if (windower.merges && !ordered && functions.merge === undefined) {
      throw new LinnetError(
        'config.invalid',
        `step "${id}": an unordered ${windower.name} window needs a merge function`,
      );
    }
    const fold = functions as unknown as Fold;
    const added = parts.addStep(flow, from, id, true, {
      kind: 'window',
      label: windower.name,
      ports: ['closed', 'late'],
      settings: { window: windower.name, ...(windower.settings as object), ordered, ...time },
      functions: [functions.initial, functions.fold],
      create: ({ codec }) => new WindowOperator({ windower, fold, ordered, timeliness: time }, codec),
      advice: parts.lateUnseen,
    });
    return new WindowStream<K, R, T>(flow, added, time);
  }

  /** Every pair of a record and one of another stream that have the same key and lie in the same window, when it is over. */
  join<U>(
    id: string,
    right: KeyedStream<K, U>,
  ): JoinStream<K, WindowResult<K, Pair<T, U>>, WindowJoinLate<K, T, U>> {
    return this.joined(id, right, false);
  }

  /** As `join`, and each record without another in its window once, with `right: null`. */
  leftJoin<U>(
    id: string,
    right: KeyedStream<K, U>,
  ): JoinStream<K, WindowResult<K, Pair<T, U | null>>, WindowJoinLate<K, T, U>> {
    return this.joined(id, right, true);
  }

  private joined<U, R, L>(id: string, right: KeyedStream<K, U>, outer: boolean): JoinStream<K, R, L> {
    const { flow, from } = this.stream;
    const { step, time } = joins.windowJoin(id, this.stream, right, this.windower, this.ordered, outer);
    return new JoinStream<K, R, L>(flow, parts.addStep(flow, from, id, true, step), time);
  }

  /** Combines the records of a window two by two. */
  reduce(id: string, combine: (a: T, b: T) => T): WindowStream<K, T, T> {
    parts.checkFunction(id, combine);
    const pair = (a: T | undefined, b: T | undefined) =>
      a === undefined ? b : b === undefined ? a : combine(a, b);
    return this.fold<T | undefined, T | undefined>(id, {
      initial: () => undefined,
      fold: pair,
      merge: pair,
    }) as WindowStream<K, T, T>;
  }

  /** All records of a window. */
  collect(id: string): WindowStream<K, T[], T> {
    return this.fold<T[], T[]>(id, {
      initial: () => [],
      fold: (list, item) => {
        list.push(item);
        return list;
      },
      merge: (a, b) => [...a, ...b],
    });
  }

  /** How many records a window has. */
  count(id: string): WindowStream<K, number, T> {
    return this.fold(id, count);
  }

  /** The least value of a window; null where no record has a number. */
  min(id: string, value: (item: T) => number | null): WindowStream<K, number | null, T> {
    return this.fold(id, min(value));
  }

  /** The greatest value of a window; null where no record has a number. */
  max(id: string, value: (item: T) => number | null): WindowStream<K, number | null, T> {
    return this.fold(id, max(value));
  }

  /** The mean of a window; null where no record has a number. */
  mean(id: string, value: (item: T) => number | null): WindowStream<K, number | null, T> {
    return this.fold(id, mean(value));
  }
}
