/** What goes wrong in a simulated fleet and when, all from one seed. */
import { Chance } from '@linnet/core/simulate';

/** Name of each fault, as `--faults` takes them. */
export const fleetFaults = ['outage', 'storm', 'kill', 'server', 'sensor', 'clock'] as const;
export type FleetFault = (typeof fleetFaults)[number];

/** What happens where nothing else is asked for. */
export const usualFaults: readonly FleetFault[] = ['outage', 'storm', 'kill', 'sensor'];

/** Something that happens at a moment; sensors and clocks are wrong from the start, by device. */
export interface FaultEvent {
  /** ms after the start. */
  readonly at: number;
  readonly kind: 'outage' | 'storm' | 'kill' | 'server';
  /** Place of the process that it happens to. */
  readonly site: number;
  /** How long an outage lasts, and how long what was killed stays away, ms. */
  readonly lastsMs: number;
}

/** Mean time between two of a kind, ms; of a short run there is one of each kind all the same. */
const EVERY_MS = { outage: 12_000, storm: 20_000, kill: 10_000, server: 20_000 } as const;
const AWAY_MS = { least: 200, most: 5000 };

export interface PlanOptions {
  readonly seed: number;
  readonly forMs: number;
  readonly sites: number;
  readonly faults: ReadonlySet<FleetFault>;
}

/** In order of time; all of them within the middle of the run, so that each has readings before and after it. */
export function planFaults({ seed, forMs, sites, faults }: PlanOptions): FaultEvent[] {
  const events: FaultEvent[] = [];
  for (const kind of ['outage', 'storm', 'kill', 'server'] as const) {
    if (!faults.has(kind)) continue;
    const chance = new Chance(seed, kind);
    const most = Math.min(AWAY_MS.most, forMs / 4);
    for (let i = Math.max(1, Math.round(forMs / EVERY_MS[kind])); i > 0; i--) {
      const at = chance.uniform(0.1, 0.8) * forMs;
      const lastsMs = chance.uniform(Math.min(AWAY_MS.least, most), most);
      events.push({ at, kind, site: chance.integer(0, sites - 1), lastsMs });
    }
  }
  return events.toSorted((a, b) => a.at - b.at);
}
