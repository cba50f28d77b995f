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
 * @param ends stored ids that are no steps with state, but may be renamed and dropped too
 * @returns the stored ids with the id of the step that takes their state over; undefined: the state is given up
 * @throws LinnetError `flow.changed` where a state would be lost, or be given to a step of other settings, without a word
 */
export function matchSteps(
  graph: Graph,
  stored: readonly StoredStep[],
  options: ChangeOptions,
  ends: readonly string[] = [],
): Map<string, string | undefined> {
  const steps = new Map(statefulSteps(graph).map((step) => [step.id, step]));
  const { rename = {}, drop = [] } = options;
  const known = new Set([...stored.map(({ id }) => id), ...ends]);
  for (const id of [...Object.keys(rename), ...drop]) {
    // A command that is given again renames nothing any more.
    const isDone = known.has(rename[id] ?? '');
    if (!known.has(id) && !isDone)
      throw changed(`there is no state of a step "${id}"; stored are ${[...known].join(', ') || 'none'}`);
  }
  const matched = new Map(stored.map((old) => [old.id, successor(old, steps, rename, drop)]));
  const taken = new Map<string, string>();
  for (const [old, id] of matched) {
    if (id === undefined) continue;
    const other = taken.get(id);
    if (other !== undefined)
      throw changed(
        `step "${id}" cannot take over the states of both "${other}" and "${old}"; give one of them up with --drop`,
      );
    taken.set(id, old);
  }
  return matched;
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
  if (step === undefined && id !== old.id) {
    const names = [...steps.keys()].join(', ') || 'none';
    throw changed(
      `step "${old.id}" cannot be renamed to "${id}": the flow has no step with state of that name (it has ${names})`,
    );
  }
  if (step === undefined) {
    throw changed(
      `the store holds the state of step "${id}", which the flow does not have; if it was renamed add --rename ${old.id}=NEW, if it is gone add --drop ${old.id}`,
    );
  }
  if (step.kind !== old.kind || step.settings !== old.settings) {
    throw changed(
      `step "${id}" was stored with other settings: ${difference(old, step)}; put them back, or begin that step anew with --drop ${old.id}`,
    );
  }
  return id;
}

/** The error of a flow that is not the one whose state is stored. */
export function changed(message: string): LinnetError {
  return new LinnetError('flow.changed', message);
}

/** What is not the same, by name where both are settings by name. */
function difference(old: StoredStep, now: StoredStep): string {
  if (old.kind !== now.kind) return `it was a ${old.kind} and is a ${now.kind}`;
  const [before, after] = [leaves(JSON.parse(old.settings)), leaves(JSON.parse(now.settings))];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} was ${before.get(name) ?? 'not set'}, now ${after.get(name) ?? 'not set'}`)
    .join(', ');
}

/** The JSON of every value that is no object, by its path. */
function leaves(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    into.set(path === '' ? 'settings' : path, JSON.stringify(value));
    return into;
  }
  for (const [name, part] of Object.entries(value))
    leaves(part, path === '' ? name : `${path}.${name}`, into);
  return into;
}
