import type { CrewStart, FromWorker, WorkOrder } from './messages.ts';

/** Where a crew's messages go. */
export interface CrewEvents {
  receive(worker: number, message: FromWorker): void;
  /** A worker is gone. */
  fail(error: Error): void;
}

/** The workers of a run, as the coordinator sees them: threads, or a simulation of threads. */
export interface Crew {
  /** Who divides blocks that are shared: those who do not read them as well. */
  readonly dividers: readonly number[];
  /** Messages to one worker arrive in their order. */
  tell(worker: number, message: WorkOrder, transfer?: readonly ArrayBuffer[]): void;
  stop(): Promise<void>;
}

export type StartCrew = (start: CrewStart, events: CrewEvents) => Crew;
