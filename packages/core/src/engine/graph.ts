import { LinnetError } from '../base/error.ts';
import type { Step } from './operator.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';

export interface SourceStep extends Omit<Step, 'create'> {
  readonly kind: 'source';
  readonly source: Source<unknown>;
}

export interface SinkStep extends Omit<Step, 'create'> {
  readonly kind: 'sink';
  readonly sink: Sink<unknown>;
}

export type AnyStep = SourceStep | SinkStep | Step;

/** A flow as data: named steps in the order in which they were built, each after its inputs. */
export interface Graph {
  readonly name: string;
  readonly steps: ReadonlyMap<string, AnyStep>;
}

export function isSource(step: AnyStep): step is SourceStep {
  return step.kind === 'source';
}

export function isSink(step: AnyStep): step is SinkStep {
  return step.kind === 'sink';
}

/** Output ports that no step reads, as `step` or `step.port`. */
export function unread(graph: Graph): string[] {
  const read = new Set(
    [...graph.steps.values()].flatMap((step) => step.inputs.map((input) => `${input.step} ${input.port}`)),
  );
  return [...graph.steps.values()]
    .filter((step) => !isSink(step))
    .flatMap((step) =>
      step.ports
        .filter((_, port) => !read.has(`${step.id} ${port}`))
        .map((name) => (step.ports.length > 1 ? `${step.id}.${name}` : step.id)),
    );
}

/** @throws LinnetError `flow.invalid` for a flow that cannot do anything */
export function checkGraph(graph: Graph): void {
  const steps = [...graph.steps.values()];
  if (!steps.some(isSource)) {
    throw new LinnetError('flow.invalid', `flow "${graph.name}" has no source: begin with .source(id, …)`);
  }
  if (!steps.some(isSink)) {
    throw new LinnetError('flow.invalid', `flow "${graph.name}" has no sink: end with .sink(id, …)`);
  }
  checkEventTime(graph);
}

/**
 * A partition of a source has one watermark. So the event time of a record is read once, and where branches of a source read it
 * apart they must agree on how late a record may be.
 */
function checkEventTime(graph: Graph): void {
  const readers = new Map<string, Set<string>>();
  const chosen = new Map<string, AnyStep>();
  const sources = new Map<string, Set<string>>();
  const union = (step: AnyStep, of: ReadonlyMap<string, ReadonlySet<string>>) =>
    new Set(step.inputs.flatMap((input) => [...(of.get(input.step) ?? [])]));
  for (const step of graph.steps.values()) {
    sources.set(step.id, isSource(step) ? new Set([step.id]) : union(step, sources));
    const before = union(step, readers);
    readers.set(step.id, before);
    if (step.kind !== 'eventTime') continue;
    const [earlier] = before;
    if (earlier !== undefined) {
      throw new LinnetError(
        'flow.invalid',
        `step "${step.id}" reads event time that step "${earlier}" has read already: leave one of them out`,
      );
    }
    before.add(step.id);
    for (const source of sources.get(step.id) ?? []) {
      const other = chosen.get(source) ?? step;
      chosen.set(source, other);
      if (JSON.stringify(timelinessOf(other)) === JSON.stringify(timelinessOf(step))) continue;
      throw new LinnetError(
        'flow.invalid',
        `steps "${other.id}" and "${step.id}" read event time of source "${source}" with different lateness, idle, maxFuture or watermark: make them the same`,
      );
    }
  }
}

function timelinessOf({ settings }: AnyStep): unknown {
  const { format: _, zone: __, ...time } = settings as Record<string, unknown>;
  return time;
}
