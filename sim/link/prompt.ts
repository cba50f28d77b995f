import type { Covered } from '@linnet/core/transmit';
import type { Cloud } from './cloud.ts';
import type { Gateway, Life } from './gateway.ts';
import type { Scenario } from './scenario.ts';

/**
 * Whether the gateway is prompt: while the cloud has all that was sent, what it foretells may be off by more than epsilon for
 * `deadline` instants and no longer.
 */
export class Prompt {
  private readonly scenario: Scenario;
  private readonly gateway: Gateway;
  private readonly cloud: Cloud;
  private off = 0;
  private sequence = -1;

  constructor(scenario: Scenario, gateway: Gateway, cloud: Cloud) {
    this.scenario = scenario;
    this.gateway = gateway;
    this.cloud = cloud;
  }

  /** Returns what is wrong after an instant, or nothing. */
  look(tick: number): string | undefined {
    const { encoder } = this.gateway;
    // Where much is open the cloud has been cut off: there is nothing to compare, and it takes long.
    if (encoder === undefined || encoder.course.pending > 30) return undefined;
    const foretold = this.cloud.decoder.provisional(tick * this.scenario.link.everyMs);
    const current =
      foretold !== undefined &&
      foretold.session === encoder.session &&
      foretold.sequence === encoder.sequence;
    if (!current || foretold.sequence !== this.sequence) this.off = 0;
    this.sequence = foretold?.sequence ?? -1;
    if (!current) return undefined;
    const life = this.gateway.lives.get(encoder.session) as Life;
    this.off = this.misses(foretold, life) ? this.off + 1 : this.off > 0 ? this.off + 1 : 0;
    if (this.off <= this.scenario.link.deadline) return undefined;
    return `instant ${tick}: nothing was sent for ${this.off} instants after the cloud was wrong`;
  }

  /** Whether the last row is foretold wrongly. */
  private misses({ link, firstTick, count, values }: Covered, { rows }: Life): boolean {
    const row = rows[firstTick + count - 1];
    const at = (count - 1) * link.channels.length;
    return link.channels.some(({ epsilon }, j) => {
      const real = row?.[j] ?? Number.NaN;
      return !Number.isNaN(real) && !(Math.abs((values[at + j] as number) - real) <= epsilon);
    });
  }
}
