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
}
