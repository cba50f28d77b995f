import type { WindowSpan } from '../base/window.ts';
import type { Batch } from './batch.ts';
import type { BlockInfo, BlockMark, MarkSteps } from './block.ts';
import type { HotKeys } from './cold-store.ts';
import type { DirtySlots } from './dirty-slots.ts';
import type { Watermarks } from './watermark.ts';

/** What a step does with one block's records on one worker. Made anew for every worker; holds that worker's state. */
export interface Operator {
  /** True for an operator that must see every block, also one without records for it: time passes there too. */
  readonly eager?: true;
  /** What it keeps by key, where it keeps anything. */
  readonly state?: KeyedState;
  /**
   * Handles the records of one block.
   * @param inputs one batch for each input of the step, in the order of the step's inputs
   * @returns one batch for each output port
   */
  run(inputs: readonly Batch[], context: StepContext): readonly Batch[];
  /** What happened so far, for people: `skipped`, `keys`, … */
  counts?(): Counts;
}

/** What a step sees beside its records. */
export interface StepContext {
  /** Position in its batch of the record at hand, so that an error of the user's function can name it. */
  at: number;
  readonly block: BlockInfo;
  /** Set by the step that reads event time. */
  mark: BlockMark;
  /** Set by the step that reads event time, where the block is shared. */
  steps?: MarkSteps | undefined;
  readonly watermarks: Watermarks;
}

/** State by slot that can be taken out and put back, key by key. */
export interface KeyedState {
  /** The slots whose state changed since the last `drain`. */
  readonly dirty: DirtySlots;
  /** Gives the state of every slot that changed since the last call; null where nothing is left to keep. */
  drain(emit: (slot: number, bytes: Uint8Array<ArrayBuffer> | null) => void): void;
  /** The state of a slot as bytes, for `restore`; null where there is none. */
  snapshot(slot: number): Uint8Array<ArrayBuffer> | null;
  restore(slot: number, bytes: Uint8Array): void;
  /** The windows that a stored state holds open, waiting records included; only of steps with windows. */
  openIn?(bytes: Uint8Array): readonly WindowSpan[];
  /** The key is gone; the slot will be another's. */
  forget(slot: number): void;
  /** About how much memory a key takes. */
  bytesPerKey(): number;
  /** True where nothing is known of the slot's key, so that it may be forgotten; a state without this is never vacant. */
  isVacant?(slot: number): boolean;
  /** Set by who wants to hear of slots that became vacant because time passed. */
  onVacant?: (slot: number) => void;
  /** False for a slot whose state waits for time to pass, and so must stay; given by states that can wait at all. */
  isResting?(slot: number): boolean;
  /** When the key of a snapshot was last seen; given by states that expire. */
  touchedIn?(bytes: Uint8Array): number;
  /** States that were last touched before this have expired. */
  cutoff?(context: StepContext): number;
}

/** Turns the states of users' functions into bytes. A port: what a runtime has for that differs. */
export interface StateCodec {
  encode(value: unknown): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array): unknown;
}

/** What operators need of the runtime. */
export interface Ports {
  readonly codec: StateCodec;
  /** What is kept in memory; everything if not given. */
  readonly hot?: HotKeys;
  /** False where what changed is never asked for: then it is not noted of keys that are gone. */
  readonly durable?: boolean;
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
  /** What its state depends on, as plain data: state made with other settings is not taken over silently. */
  readonly settings?: unknown;
  /** The user's functions in it, for lint. */
  readonly functions: readonly ((...args: never[]) => unknown)[];
  create(ports: Ports): Operator;
  /**
   * What an operator would want the user to know after a run, from the counts of all workers together.
   * @param unread its ports whose records no step takes
   */
  advice?(counts: Counts, unread: readonly string[]): string | undefined;
}
