/** What goes wrong in one simulated fleet, all from one seed. */
import type { OnFull } from '../../packages/agent/src/log/log.ts';
import type { Chance } from '../world.ts';

export interface Scenario {
  /** Nothing fails, but the link is thin. */
  readonly calm: boolean;
  readonly devices: number;
  /** `embedded`: the broker answers after the commit and dies with the server. `external`: it answers at once, and may drop. */
  readonly broker: 'embedded' | 'external';
  /** How likely an external broker drops a message that it has answered. */
  readonly drops: number;
  /** Faults happen until here, ms of virtual time. */
  readonly faultsMs: number;
  /** Mean time between faults of each kind, ms; Infinity for never. */
  readonly every: {
    readonly reset: number;
    readonly outage: number;
    readonly serverKill: number;
    readonly brokerKill: number;
    readonly kill: number;
    readonly powerCut: number;
    readonly reinstall: number;
    readonly clockJump: number;
    readonly bitFlip: number;
    readonly replay: number;
  };
  /** How likely a call to a device's disk fails, and a commit of the server. */
  readonly diskFails: number;
  readonly commitFails: number;
  readonly latencyMs: number;
  /** Bytes a second that a device's link carries. */
  readonly bandwidth: number;
  readonly recordEveryMs: number;
  /** Readings that a device has on disk before it is ever connected. */
  readonly backlog: number;
  /** Bytes of a reading beside its number, which no compression makes fewer. */
  readonly noise: number;
  readonly onFull: OnFull;
  readonly bytesMax: number;
}

/** Nothing goes wrong. */
export const NEVER = {
  reset: Infinity,
  outage: Infinity,
  serverKill: Infinity,
  brokerKill: Infinity,
  kill: Infinity,
  powerCut: Infinity,
  reinstall: Infinity,
  clockJump: Infinity,
  bitFlip: Infinity,
  replay: Infinity,
};

export function makeScenario(chance: Chance): Scenario {
  return chance.holds(0.1) ? calm(chance) : stormy(chance);
}

/** A long backlog over a thin link on which nothing fails: for the promise that live readings go ahead of it. */
function calm(chance: Chance): Scenario {
  return {
    calm: true,
    devices: 1,
    broker: 'embedded',
    drops: 0,
    faultsMs: 30_000,
    every: NEVER,
    diskFails: 0,
    commitFails: 0,
    latencyMs: 20 + chance.int(200),
    bandwidth: 4000,
    recordEveryMs: 500,
    backlog: 700 + chance.int(700),
    noise: 100,
    onFull: 'drop-oldest',
    bytesMax: 64 << 20,
  };
}

function stormy(chance: Chance): Scenario {
  const rarely = (ms: number) => (chance.holds(0.5) ? ms / 2 + chance.int(ms) : Infinity);
  const tight = chance.holds(0.15);
  return {
    calm: false,
    devices: 1 + chance.int(2),
    broker: chance.pick(['embedded', 'external'] as const),
    drops: chance.pick([0, 0.1, 0.4]),
    faultsMs: 60_000 + chance.int(60_000),
    every: {
      reset: rarely(10_000),
      outage: rarely(40_000),
      serverKill: rarely(30_000),
      brokerKill: rarely(30_000),
      kill: rarely(20_000),
      powerCut: rarely(30_000),
      reinstall: chance.holds(0.2) ? 40_000 : Infinity,
      clockJump: rarely(30_000),
      bitFlip: chance.holds(0.2) ? 20_000 : Infinity,
      // What was given up and comes back is another matter: it was counted as lost.
      replay: tight ? Infinity : rarely(10_000),
    },
    diskFails: chance.pick([0, 0, 0.02]),
    commitFails: chance.pick([0, 0, 0.1]),
    latencyMs: chance.pick([5, 100, 1500]),
    bandwidth: chance.pick([2000, 20_000, 1e9]),
    recordEveryMs: chance.pick([300, 1000, 4000]),
    backlog: chance.pick([0, 0, 30, 300]),
    noise: 0,
    onFull: tight ? chance.pick(['drop-oldest', 'drop-newest', 'block'] as const) : 'drop-oldest',
    bytesMax: tight ? 8192 : 64 << 20,
  };
}
