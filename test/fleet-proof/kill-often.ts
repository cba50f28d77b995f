import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '../cases.ts';
import { storedSoFar } from './stored.ts';
import { until, type World } from './world.ts';

/** Something with a process that can be killed and started again. */
export interface Mortal {
  kill(): Promise<unknown>;
  start(): Promise<void>;
}

/**
 * Kills something again and again while a fleet goes on, each time only after new readings were stored since the last time, so that every
 * kill hits work under way.
 * @returns how often
 */
export async function killOften(world: World, what: Mortal, times: number): Promise<number> {
  let kills = 0;
  for (; kills < times; kills++) {
    const before = storedSoFar(world.store);
    await until('a new reading is stored', () => storedSoFar(world.store) > before);
    await wait(world.between(0, 300));
    expect((await what.kill()) !== false, 'there was nothing to kill');
    await wait(world.between(0, 200));
    await what.start();
  }
  return kills;
}
