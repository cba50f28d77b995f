import { LinnetError, type Graph } from '@linnet/core';
import { isSink, isSource } from '@linnet/core/engine';

/** A step whose state is kept. */
export interface StoredStep {
  readonly id: string;
  readonly kind: string;
  /** JSON of what its state depends on. */
  readonly settings: string;
}

/** What the user says of a flow that is not the one whose state is stored. */
export interface ChangeOptions {
  /** New id by old id. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Ids of stored steps whose state is given up. */
  readonly drop?: readonly string[];
}

const STATEFUL = new Set(['stateful', 'model', 'transform', 'window', 'join']);

/** The steps of a flow that keep state. */
export function statefulSteps(graph: Graph): StoredStep[] {
  return [...graph.steps.values()]
    .filter((step) => !isSource(step) && !isSink(step) && STATEFUL.has(step.kind))
    .map(({ id, kind, settings }) => ({ id, kind, settings: JSON.stringify(settings ?? null) }));
}

/**
 * Compares the steps of a flow with the stored ones.
 * @returns the stored ids with the id of the step that takes their state over; undefined: the state is given up
 * @throws LinnetError `flow.changed` where a state would be lost, or be given to a step of other settings, without a word
 */
export function matchSteps(
  graph: Graph,
  stored: readonly StoredStep[],
  options: ChangeOptions,
): Map<string, string | undefined> {
  const steps = new Map(statefulSteps(graph).map((step) => [step.id, step]));
  const { rename = {}, drop = [] } = options;
  const known = new Set(stored.map(({ id }) => id));
  for (const id of [...Object.keys(rename), ...drop]) {
    if (!known.has(id))
      throw changed(`there is no state of a step "${id}"; stored are ${[...known].join(', ') || 'none'}`);
  }
  return new Map(stored.map((old) => [old.id, successor(old, steps, rename, drop)]));
}

function successor(
  old: StoredStep,
  steps: ReadonlyMap<string, StoredStep>,
  rename: Readonly<Record<string, string>>,
  drop: readonly string[],
): string | undefined {
  if (drop.includes(old.id)) return undefined;
  const id = rename[old.id] ?? old.id;
  const step = steps.get(id);
  if (step === undefined) {
    throw changed(
      `the store holds the state of step "${id}", which the flow does not have; if it was renamed add --rename ${old.id}=NEW, if it is gone add --drop ${old.id}`,
    );
  }
  if (step.kind !== old.kind || step.settings !== old.settings) {
    throw changed(
      `step "${id}" was stored with other settings (${old.kind} ${old.settings}, now ${step.kind} ${step.settings}); put them back, or give its state up with --drop ${old.id}`,
    );
  }
  return id;
}

function changed(message: string): LinnetError {
  return new LinnetError('flow.changed', message);
}
