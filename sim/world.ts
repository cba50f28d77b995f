/** What a simulation runs in: chance from a seed, time that is moved, and crashes at any effect. */

/** Thrown where the simulated process dies. Whatever was not durable is gone. */
export class Crash extends Error {
  constructor(effect: string) {
    super(`crash at ${effect}`);
    this.name = 'Crash';
  }
}

/** Chance from a seed: mulberry32, small and good enough to choose among events. */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number of 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)] as T;
  }

  holds(probability: number): boolean {
    return this.next() < probability;
  }
}

export class World {
  readonly chance: Chance;
  private time = 1_800_000_000_000;
  private crashes: number;
  private dead = false;

  /** @param crashes how many times the process dies at most */
  constructor(seed: number, crashes: number) {
    this.chance = new Chance(seed);
    this.crashes = crashes;
  }

  /** Wall clock, epoch milliseconds. */
  now(): number {
    return this.time;
  }

  pass(ms: number): void {
    this.time += ms;
  }

  /**
   * Called before an effect on the outside: the process may die here. Once dead it has no effects any more, whatever still
   * runs of it.
   */
  effect(name: string, probability = 0.02): void {
    if (this.dead) throw new Crash(name);
    if (this.crashes === 0 || !this.chance.holds(probability)) return;
    this.crashes--;
    this.dead = true;
    throw new Crash(name);
  }

  /** The process is started again, some time later. */
  restart(): void {
    this.dead = false;
    this.pass(this.chance.int(200));
  }
}
