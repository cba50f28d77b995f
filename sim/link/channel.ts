import type { World } from '../world.ts';
import type { Scenario } from './scenario.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** One direction of a link that loses, doubles and reorders. */
export class Channel {
  private readonly world: World;
  private readonly scenario: Scenario;
  private readonly underWay: { readonly at: number; readonly bytes: Bytes }[] = [];
  private tick = 0;
  /** From the end of the series on everything arrives, in order. */
  private perfect = false;

  constructor(world: World, scenario: Scenario) {
    this.world = world;
    this.scenario = scenario;
  }

  send(bytes: Bytes): void {
    const { chance } = this.world;
    const { loss, doubled, lateMax, outage } = this.scenario;
    const copy = bytes.slice();
    if (this.perfect) {
      this.underWay.push({ at: this.tick, bytes: copy });
      return;
    }
    const down = this.tick >= outage[0] && this.tick <= outage[1];
    if (down || chance.holds(loss)) return;
    for (let copies = chance.holds(doubled) ? 2 : 1; copies > 0; copies--) {
      this.underWay.push({ at: this.tick + chance.int(lateMax + 1), bytes: copy });
    }
  }

  /** What arrives by an instant. */
  arrive(tick: number): Bytes[] {
    this.tick = tick;
    const arrived = this.underWay.filter(({ at }) => at <= tick).toSorted((a, b) => a.at - b.at);
    const rest = this.underWay.filter(({ at }) => at > tick);
    this.underWay.splice(0, this.underWay.length, ...rest);
    return arrived.map(({ bytes }) => bytes);
  }

  mend(): void {
    this.perfect = true;
  }
}
