import { LinnetError } from '../base/error.ts';
import type { AnyStep, Graph } from '../engine/graph.ts';
import type { Source } from '../engine/source.ts';
import type { FlowSteps } from './flow-steps.ts';
import type { StandardSchema } from './standard-schema.ts';
import { Stream } from './stream.ts';
import { validated } from './validated.ts';

/** Why an id is limited: it names state on disk, a metric, a node in a picture. */
const ID = /^[A-Za-z0-9][\w.-]{0,63}$/;

/**
 * A flow: named steps from sources to sinks, built step by step and run by `linnet run`, by `runLocal` in a test, or on
 * many workers. Building it does no work.
 *
 * @example
 * const air = flow('air');
 * air.source('in', records([{ pm: 12 }, { pm: 900 }]))
 *   .filter('smoke', (reading) => reading.pm > 500)
 *   .sink('out', print());
 */
export class Flow implements FlowSteps {
  readonly graph: Graph;
  private readonly steps = new Map<string, AnyStep>();

  constructor(name: string) {
    checkId('flow', name);
    this.graph = { name, steps: this.steps };
  }

  /** Adds a source. With a schema, records that do not pass it are rejected and counted. */
  source<T>(id: string, source: Source<T>): Stream<T>;
  source<T>(id: string, source: Source<unknown>, options: { schema: StandardSchema<T> }): Stream<T>;
  source<T>(id: string, source: Source<T>, options: { schema?: StandardSchema<T> } = {}): Stream<T> {
    const checked = options.schema === undefined ? source : validated(source, options.schema);
    this.add({
      id,
      kind: 'source',
      source: checked,
      inputs: [],
      ports: ['out'],
      keyed: false,
      label: checked.name,
      functions: [],
    });
    return new Stream<T>(this, { step: id, port: 0 });
  }

  add(step: AnyStep): void {
    checkId('step', step.id);
    if (this.steps.has(step.id)) {
      throw new LinnetError(
        'flow.duplicate-step',
        `flow "${this.graph.name}" has two steps with the id "${step.id}"; the id names the step's state, so it must be unique`,
      );
    }
    this.steps.set(step.id, step);
  }
}

/** Begins a flow. */
export function flow(name: string): Flow {
  return new Flow(name);
}

function checkId(what: string, id: unknown): void {
  if (typeof id === 'string' && ID.test(id)) return;
  throw new LinnetError(
    'config.invalid',
    `${what} id ${JSON.stringify(id)}: use 1 to 64 letters, digits, ".", "_" or "-", beginning with a letter or digit`,
  );
}
