import type { Batch } from './batch.ts';

/** What a step does with one block's records on one worker. Made anew for every worker; holds that worker's state. */
export interface Operator {
  /**
   * Handles the records of one block.
   * @param inputs one batch for each input of the step, in the order of the step's inputs
   * @returns one batch for each output port
   */
  run(inputs: readonly Batch[], trace: Trace): readonly Batch[];
  /** What happened so far, for people: `skipped`, `keys`, … */
  counts?(): Readonly<Record<string, number>>;
}

/** Which record a step is at, so that an error of the user's function can name it. */
export interface Trace {
  /** Position of the record in its batch. */
  at: number;
}

export type Counts = Readonly<Record<string, number>>;

export interface StepInput {
  readonly step: string;
  readonly port: number;
}

/** A named node of the graph. */
export interface Step {
  readonly id: string;
  readonly kind: string;
  readonly inputs: readonly StepInput[];
  /** Names of the output ports; most steps have one. */
  readonly ports: readonly string[];
  /** True when the records that reach it must be on the worker that owns their key. */
  readonly keyed: boolean;
  /** Said of the step in pictures: the model's name and the like. */
  readonly label?: string;
  /** The user's functions in it, for lint. */
  readonly functions: readonly ((...args: never[]) => unknown)[];
  create(): Operator;
  /** What an operator would want the user to know after a run, from the counts of all workers together. */
  advice?(counts: Counts): string | undefined;
}
