/**
 * A component is one file with one `define…` call: name, parameters, construction. Docs, help, catalogue and the
 * conformance tests are made from what it says.
 */
import type { OnlineModel, OnlineTransformer } from './model.ts';
import { resolveParams, type Given, type Params, type Resolved } from './param.ts';

/** What every component says of itself. */
export interface About {
  readonly name: string;
  readonly stage:
    'impute' | 'scale' | 'model' | 'threshold' | 'drift' | 'window' | 'classify' | 'transmit' | 'decode';
  readonly summary: string;
  /** The paper or library, with version, whose numbers it reproduces, and each departure from it. */
  readonly source: string;
  readonly params: Params;
}

/** A configured component: enough to make any number of instances, and plain data to compare and to store. */
export interface Spec<M> {
  readonly about: About;
  readonly params: Readonly<Record<string, unknown>>;
  /** Names of the features in the order of a vector. */
  readonly features: readonly string[];
  create(): M;
  /** Many instances of this configuration in one allocation, where the component has such a form. */
  bank?(): Bank;
}

export type ModelSpec = Spec<OnlineModel>;
export type TransformerSpec = Spec<OnlineTransformer>;

/**
 * Instances of one configuration, by slot: what all share is held once, each slot holds its own state alone.
 * Slots are small dense integers chosen by the caller.
 */
export interface Bank {
  /** Bytes of state a slot. */
  readonly bytesPerSlot: number;
  /** Makes slots 0..count-1 usable; new ones are in the initial state. */
  reserve(count: number): void;
  /** Puts a slot back into the initial state. */
  reset(slot: number): void;
  /**
   * Scores row i with the state of slots[i] as it was before that row, then learns it, for i = 0..n-1 in order.
   * @param x n rows of `features` values, row-major; missing is NaN
   * @param scores receives n scores
   * @param ready receives 1 where the model was warm when it scored, else 0
   */
  scoreLearn(slots: Int32Array, x: Float64Array, n: number, scores: Float64Array, ready: Uint8Array): void;
  snapshot(slot: number): Uint8Array<ArrayBuffer>;
  restore(slot: number, bytes: Uint8Array): void;
}

export interface Definition<P extends Params, M> extends Omit<About, 'params'> {
  readonly params: P;
  /** Names of the features that a configuration reads. */
  features(params: Resolved<P>): readonly string[];
  /** Checks what one parameter alone cannot show; throws LinnetError `config.invalid`. */
  check?(params: Resolved<P>): void;
  create(params: Resolved<P>): M;
  bank?(params: Resolved<P>): Bank;
}

/** A component as users call it: `halfSpaceTrees({ trees: 10, ... })` gives a Spec. */
export interface Component<P extends Params, M> {
  (given: Given<P>): Spec<M>;
  readonly about: About;
}

export function defineComponent<const P extends Params, M>(definition: Definition<P, M>): Component<P, M> {
  const { name, stage, summary, source, params } = definition;
  const about: About = { name, stage, summary, source, params };
  const component = (given: Given<P>): Spec<M> => {
    const resolved = resolveParams(name, params, given);
    definition.check?.(resolved);
    const { bank } = definition;
    return {
      about,
      params: resolved,
      features: definition.features(resolved),
      create: () => definition.create(resolved),
      ...(bank && { bank: () => bank(resolved) }),
    };
  };
  return Object.assign(component, { about });
}
