/** Steps as the streams' methods make them. */
import type { ModelSpec, TransformerSpec } from '../base/component.ts';
import { milliseconds, type Duration } from '../base/duration.ts';
import { LinnetError } from '../base/error.ts';
import type { Counts, KeyedState, Operator, Ports, Step, StepInput } from '../engine/operator.ts';
import { ExpiringOperator, type ExpiryClock } from '../engine/operators/expiring.ts';
import { FilterOperator } from '../engine/operators/filter.ts';
import { FlatMapOperator } from '../engine/operators/flat-map.ts';
import { InspectOperator } from '../engine/operators/inspect.ts';
import { MapOperator } from '../engine/operators/map.ts';
import type { Sink } from '../engine/sink.ts';
import type { Timeliness } from '../engine/timeliness.ts';
import type { FlowSteps } from './flow-steps.ts';

export type UserFunction = (...args: never[]) => unknown;

export interface StepParts {
  readonly kind: string;
  readonly create: (ports: Ports) => Operator;
  readonly functions?: readonly UserFunction[];
  readonly ports?: readonly string[];
  readonly label?: string;
  readonly settings?: unknown;
  readonly inputs?: readonly StepInput[];
  readonly advice?: (counts: Counts, unread: readonly string[]) => string | undefined;
}

export function addStep(
  flow: FlowSteps,
  from: StepInput,
  id: string,
  keyed: boolean,
  parts: StepParts,
): StepInput {
  const step: Step = { id, keyed, inputs: [from], ports: ['out'], functions: [], ...parts };
  flow.add(step);
  return { step: id, port: 0 };
}

export function addSink(flow: FlowSteps, from: StepInput, id: string, sink: Sink<unknown>): FlowSteps {
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

export function mapParts(id: string, fn: UserFunction): StepParts {
  checkFunction(id, fn);
  return { kind: 'map', functions: [fn], create: () => new MapOperator(fn as (item: unknown) => unknown) };
}

export function filterParts(id: string, predicate: UserFunction): StepParts {
  checkFunction(id, predicate);
  const create = () => new FilterOperator(predicate as (item: unknown) => boolean, false);
  return { kind: 'filter', functions: [predicate], create };
}

export function branchParts(id: string, predicate: UserFunction): StepParts {
  checkFunction(id, predicate);
  const create = () => new FilterOperator(predicate as (item: unknown) => boolean, true);
  return { kind: 'branch', ports: ['matched', 'rest'], functions: [predicate], create };
}

export function flatMapParts(id: string, fn: UserFunction): StepParts {
  checkFunction(id, fn);
  const create = () => new FlatMapOperator(fn as (item: unknown) => Iterable<unknown>);
  return { kind: 'flatMap', functions: [fn], create };
}

export function inspectParts(id: string, look: UserFunction): StepParts {
  checkFunction(id, look);
  return {
    kind: 'inspect',
    functions: [look],
    create: () => new InspectOperator(look as (item: unknown) => void),
  };
}

export function checkFunction(id: string, fn: unknown): void {
  if (typeof fn === 'function') return;
  throw new LinnetError(
    'config.invalid',
    `step "${id}" takes a function, not ${fn === null ? 'null' : typeof fn}`,
  );
}

/** How long a key is remembered that no record comes for. */
export interface ExpiryOptions {
  /**
   * A key is forgotten when time has moved on by more than this since its last record: event time where the stream has it, else
   * processing time. Without it a key is remembered for ever.
   */
  readonly ttl?: Duration;
}

/** The step with keys that expire, where a TTL is given. */
export function expiring<P extends StepParts>(
  id: string,
  parts: P,
  time: Timeliness | undefined,
  { ttl }: ExpiryOptions,
): P {
  if (ttl === undefined) return parts;
  const ttlMs = milliseconds(ttl, `step "${id}": ttl`);
  if (!(ttlMs > 0 && ttlMs < Infinity))
    throw new LinnetError('config.invalid', `step "${id}": ttl: ${JSON.stringify(ttl)} must be above 0`);
  const clock: ExpiryClock = time === undefined ? 'processing' : time.watermark;
  const create = (ports: Ports) => {
    const inner = parts.create(ports) as Operator & { state: KeyedState };
    return new ExpiringOperator(inner, { ttlMs, clock });
  };
  return { ...parts, create };
}

export function settingsOf({ about, params }: ModelSpec | TransformerSpec): unknown {
  return { component: about.name, params };
}

/** Says what went unseen: where nothing takes the records of `.quarantined`. */
export function quarantinedUnseen(format: string): NonNullable<StepParts['advice']> {
  return ({ in: read = 0, quarantined = 0 }, unread) =>
    quarantined === 0 || !unread.includes('quarantined')
      ? undefined
      : `${quarantined} of ${read} records went to quarantine and no further: their time is missing, not written as "${format}", before 1971 or too far ahead; .quarantined has them with the reason`;
}

/** Says what went unseen: where nothing takes the records of `.late`. */
export function lateUnseen({ late = 0 }: Counts, unread: readonly string[]): string | undefined {
  return late === 0 || !unread.includes('late')
    ? undefined
    : `what came too late (${late}, counted for each window) changed no result and went no further: .late has it; a longer lateness would let it in`;
}

export function neverReady(spec: ModelSpec, counts: Counts): string | undefined {
  const { scored = 0, unready = 0 } = counts;
  if (scored === 0 || unready < scored) return undefined;
  return `no ${spec.about.name} model ever had enough records to be ready (${scored} records were scored): no score means anything; use fewer keys or a shorter warm-up`;
}
