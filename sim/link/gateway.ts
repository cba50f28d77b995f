import { GatewayEncoder, type Choice, type Message } from '@linnet/core/transmit';
import { Crash, type World } from '../world.ts';
import type { Channel } from './channel.ts';
import type { Scenario } from './scenario.ts';

/** What one life of an encoder took in for good: by the link's instant, the row, or nothing where no row was observed. */
export interface Life {
  readonly startTick: number;
  readonly rows: (Float64Array | undefined)[];
  /** Alerts as `instant channel value`. */
  readonly alerts: Set<string>;
  /** Whether its messages are kept for the whole run. */
  whole: boolean;
}

/** The gateway as a process with a disk: it saves its encoder, and then sends. */
export class Gateway {
  readonly lives = new Map<number, Life>();
  session = 0;
  encoder: GatewayEncoder | undefined;
  private readonly world: World;
  private readonly scenario: Scenario;
  private readonly up: Channel;
  private disk: Message | undefined;
  /** What the disk would hold, were the write over. */
  private unsaved: { readonly rows: (Float64Array | undefined)[]; readonly alerts: string[] } = {
    rows: [],
    alerts: [],
  };

  constructor(world: World, scenario: Scenario, up: Channel) {
    this.world = world;
    this.scenario = scenario;
    this.up = up;
  }

  /** One instant of the outside world. */
  observe(tick: number): void {
    this.run(() => {
      const encoder = this.started(tick);
      const life = this.lives.get(encoder.session) as Life;
      const late = tick - life.startTick - encoder.tick;
      encoder.skip(late);
      const values = this.scenario.rows[tick] as Float64Array;
      const channel = this.scenario.alerts.get(tick);
      const alerts =
        channel === undefined || Number.isNaN(values[channel]) ? [] : [{ channel, score: tick / 7 }];
      this.unsaved = {
        rows: [...Array.from({ length: late }, () => undefined), values],
        alerts: alerts.map((alert) => `${tick - life.startTick} ${alert.channel} ${values[alert.channel]}`),
      };
      this.save(encoder, encoder.push(values, alerts));
    });
  }

  receive(bytes: Uint8Array): void {
    this.run(() => {
      // Only a gateway with a disk has sent anything that the cloud could answer.
      const messages = this.disk === undefined ? [] : this.started(0).receive(bytes);
      this.world.effect('gateway answers');
      for (const message of messages) this.up.send(message);
    });
  }

  /** Covers what is open; false when the gateway dies before that is on disk. */
  flush(tick: number): boolean {
    return this.run(() => {
      const encoder = this.started(tick);
      this.unsaved = { rows: [], alerts: [] };
      this.save(encoder, encoder.flush());
      // Nothing comes after it that would show its loss.
      for (const message of encoder.last()) this.up.send(message);
    });
  }

  private run(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.world.restart();
      this.encoder = undefined;
      if (this.world.chance.holds(this.scenario.diskLoss)) {
        const life = this.lives.get(this.session);
        if (life !== undefined) life.whole = false;
        this.disk = undefined;
      }
      return false;
    }
  }

  private started(tick: number): GatewayEncoder {
    if (this.encoder !== undefined) return this.encoder;
    const { link, predictor, keep } = this.scenario;
    const choice: Choice = predictor === 'auto' ? 'auto' : { name: predictor };
    if (this.disk === undefined) {
      this.session++;
      this.lives.set(this.session, { startTick: tick, rows: [], alerts: new Set(), whole: true });
      this.encoder = new GatewayEncoder(
        { ...link, startMs: tick * link.everyMs },
        { session: this.session, predictor: choice, keep },
      );
    } else {
      this.encoder = GatewayEncoder.restore(this.disk, { predictor: choice, keep });
      for (const message of this.encoder.last()) this.up.send(message);
    }
    return this.encoder;
  }

  private save(encoder: GatewayEncoder, messages: readonly Message[]): void {
    const bytes = encoder.save();
    this.world.effect('gateway saves');
    this.disk = bytes;
    const life = this.lives.get(encoder.session) as Life;
    life.rows.push(...this.unsaved.rows);
    for (const alert of this.unsaved.alerts) life.alerts.add(alert);
    for (const message of messages) {
      this.world.effect('gateway sends');
      this.up.send(message);
    }
  }
}
