/** What a simulated device measures: air by the hour of the day, unless its sensor or its clock is broken. */
import { Chance } from '@linnet/core/simulate';
import type { FleetFault } from './fault-plan.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const KINDS = ['stuck', 'spike', 'drift', 'noise', 'dropout'] as const;

/** How many of a hundred devices have a broken sensor, and how many a wrong clock. */
const PER_CENT = { sensor: 5, clock: 5 };

/** A device's own faults: the same in every process and after every restart. */
export class SimulatedDevice {
  readonly wrongClock: boolean;
  private readonly chance: Chance;
  private readonly broken: (typeof KINDS)[number] | undefined;
  private readonly clockMs: number;
  private readonly jumpMs: number;
  private readonly jumpsAt: number;

  /** @param start when the run began, epoch ms; a clock that jumps does so within `forMs` of it */
  constructor(seed: number, device: number, faults: ReadonlySet<FleetFault>, start: number, forMs: number) {
    const chance = new Chance(seed, `device ${device}`);
    const struck = (name: 'sensor' | 'clock') => chance.integer(1, 100) <= PER_CENT[name] && faults.has(name);
    const [sensor, clock] = [struck('sensor'), struck('clock')];
    this.broken = sensor ? chance.one(KINDS) : undefined;
    this.wrongClock = clock;
    this.clockMs = clock ? chance.one([-5 * HOUR_MS, 3 * HOUR_MS, 30 * DAY_MS]) : 0;
    this.jumpMs = clock ? chance.one([-HOUR_MS, 2 * HOUR_MS]) : 0;
    this.jumpsAt = start + chance.uniform(0.2, 0.8) * forMs;
    this.chance = chance;
  }

  get hasBrokenSensor(): boolean {
    return this.broken !== undefined;
  }

  /** The device's clock, epoch ms. */
  wallClock(): number {
    const now = Date.now();
    return now + this.clockMs + (now >= this.jumpsAt ? this.jumpMs : 0);
  }

  /** @param n the simulator's own number of the reading. `at` is the true time, whatever the device's clock says. */
  reading(n: number): Readonly<Record<string, number>> {
    const at = Date.now();
    const hour = Math.sin((at / DAY_MS) * 2 * Math.PI);
    const temperature = round(18 + 6 * hour + this.chance.normal() / 5);
    const humidity = round(60 - 15 * hour + this.chance.normal());
    switch (this.broken) {
      case 'stuck':
        return { n, at, temperature: 85, humidity };
      case 'spike':
        return { n, at, temperature: n % 20 === 19 ? 125 : temperature, humidity };
      case 'drift':
        return { n, at, temperature: round(temperature + n / 20), humidity };
      case 'noise':
        return { n, at, temperature: round(temperature + 10 * this.chance.normal()), humidity };
      case 'dropout':
        return n % 3 === 0 ? { n, at, humidity } : { n, at, temperature, humidity };
      case undefined:
        return { n, at, temperature, humidity };
    }
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
