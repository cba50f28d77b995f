import type { World } from './world.ts';

/** What a case found, in readings by the proof's own numbers. */
export interface Count {
  readonly recorded: number;
  readonly stored: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
}

export interface Done extends Count {
  /** What was done to the fleet, for the line that is printed. */
  readonly what: string;
}

export interface Case {
  readonly name: string;
  /** Why it cannot run here, if it cannot. */
  skip?(): string | undefined;
  run(world: World): Promise<Done>;
}
