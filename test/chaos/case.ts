import type { Count, World } from './world.ts';

export interface Done extends Count {
  /** What was done to the flow, for the line that is printed. */
  readonly what: string;
}

export interface Case {
  readonly name: string;
  run(world: World, short: boolean): Promise<Done>;
}
