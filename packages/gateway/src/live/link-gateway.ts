import { LinnetError } from '@linnet/core/base';
import {
  GatewayEncoder,
  openMessage,
  type Choice,
  type EncoderOptions,
  type LinkConfig,
  type Message,
} from '@linnet/core/transmit';
import type { Detector } from './detector.ts';
import type { Instant } from './instants.ts';

export interface LinkOptions {
  /** How far a stored value may be off, by the measure's name. */
  readonly epsilons: Readonly<Record<string, number>>;
  readonly everyMs: number;
  readonly deadline: number;
  readonly heartbeat: number;
  readonly tolerance: number;
  readonly predictor: Choice;
  readonly models?: Pick<EncoderOptions, 'find' | 'models'>;
  /** Names anomalies, which go out at once. */
  readonly detector?: Detector;
}

export interface LinkPorts {
  /** Keeps the encoder's state: durable when it returns. */
  save(state: Message): void;
  /** Puts a message into the log that the link is fed from. */
  send(message: Message): void;
  newSession(): number;
  /** Whether messages are in the log that the cloud has not acknowledged. */
  pending(): boolean;
  trouble(message: string): void;
}

/** Instants that are skipped at most; after a longer stop a new session begins. */
const SKIP_MAX = 20_000;
/** Values that one message may have to fill in: some 24 kB at the very worst, which is what a record of the agent's log holds. */
const CELLS_MAX = 8000;
/** Questions in a row that are left to what is in the log. */
const PATIENCE = 8;

/**
 * Instants of any number of channels through an encoder. A channel that was not there before begins a new session, because a link
 * names its channels once. Its state is kept before a message leaves.
 */
export class LinkGateway {
  encoder: GatewayEncoder | undefined;
  /** Values that were left out because they are too large for their epsilon. */
  refused = 0;
  private readonly options: LinkOptions;
  private readonly ports: LinkPorts;
  private positions = new Map<string, number>();
  private unsaved = false;
  private passedOver = 0;

  constructor(options: LinkOptions, ports: LinkPorts) {
    this.options = options;
    this.ports = ports;
  }

  /** Goes on where a state was kept, if its link is still the one that is wanted. */
  resume(state: Uint8Array): void {
    const { predictor, models } = this.options;
    const encoder = GatewayEncoder.restore(state, { predictor, ...models });
    this.use(encoder);
    // The stop may have come before the last message was in the log.
    for (const message of encoder.last()) this.ports.send(message);
    if (!this.fits(encoder.link)) this.end();
    else for (const offer of encoder.offers()) this.ports.send(offer);
  }

  /** The number of the instant that comes next, where there is a session. */
  get next(): number | undefined {
    const { encoder } = this;
    if (encoder === undefined) return undefined;
    return Math.round(encoder.link.startMs / encoder.link.everyMs) + encoder.tick;
  }

  take({ tick, means }: Instant): void {
    const unknown = [...means.keys()].some((channel) => !this.positions.has(channel));
    const late = tick - (this.next ?? tick);
    if (late < 0) return;
    if (this.encoder === undefined || unknown || late > SKIP_MAX) this.begin(tick, [...means.keys()]);
    else if (late > 0) this.encoder.skip(late);
    this.push(tick, means);
  }

  /** Nothing came for an instant: a row of nothing, so that heartbeats go on. */
  idle(tick: number): void {
    while (this.next !== undefined && this.next < tick) this.push(this.next, new Map());
  }

  /** Takes in what the cloud says. */
  receive(bytes: Uint8Array): void {
    try {
      if (this.underWay(bytes)) return;
      this.give(this.encoder?.receive(bytes) ?? []);
    } catch (error) {
      if (!(error instanceof LinnetError)) throw error;
      this.ports.trouble(`the cloud says something that makes no sense: ${error.message}`);
    }
  }

  /** Covers what is open, so that the cloud has all up to now. */
  flush(): void {
    this.give(this.encoder?.flush() ?? []);
  }

  /** Something beside the encoder is to be kept, too. */
  touch(): void {
    this.unsaved = true;
  }

  /** Keeps what was taken in since the last message. */
  save(): void {
    if (!this.unsaved || this.encoder === undefined) return;
    this.ports.save(this.encoder.save());
    this.unsaved = false;
  }

  /**
   * Whether what the cloud asks for is probably in the log, on its way: after a break, new messages go ahead of the old ones, and the cloud
   * sees a gap that fills by itself. It asks again.
   */
  private underWay(bytes: Uint8Array): boolean {
    if (openMessage(bytes).header.kind !== 'nack') return false;
    this.passedOver = this.ports.pending() ? this.passedOver + 1 : 0;
    if (this.passedOver === 0) return false;
    if (this.passedOver <= PATIENCE) return true;
    this.passedOver = 0;
    return false;
  }

  private push(tick: number, means: ReadonlyMap<string, number>): void {
    const encoder = this.encoder as GatewayEncoder;
    const values = new Float64Array(encoder.link.channels.length).fill(Number.NaN);
    for (const [name, value] of means) values[this.positions.get(name) as number] = value;
    const judged = new Map(means);
    for (const { channel, what } of encoder.tooLarge(values)) {
      this.ports.trouble(`${what}: it is left out`);
      this.refused++;
      values[channel] = Number.NaN;
      judged.delete(encoder.link.channels[channel]?.name as string);
    }
    const alerts = (this.options.detector?.judge(tick, judged) ?? []).map(({ channel, score }) => ({
      channel: this.positions.get(channel) as number,
      score,
    }));
    this.unsaved = true;
    this.give(encoder.push(values, alerts));
  }

  private begin(tick: number, channels: readonly string[]): void {
    this.end();
    const known = [...this.positions.keys()].filter(
      (name) => this.options.epsilons[measureOf(name)] !== undefined,
    );
    const names = [...new Set([...known, ...channels])].toSorted(byName);
    const { everyMs, deadline, heartbeat, tolerance, predictor, models } = this.options;
    if (names.length * (deadline + 1) > CELLS_MAX) {
      throw new LinnetError(
        'config.invalid',
        `${names.length} channels with a deadline of ${deadline} make messages too large for the log: lower --deadline`,
      );
    }
    const link: LinkConfig = {
      channels: names.map((name) => ({ name, epsilon: this.epsilonOf(name) })),
      startMs: tick * everyMs,
      everyMs,
      deadline,
      heartbeat,
      tolerance,
    };
    const encoder = new GatewayEncoder(link, { session: this.ports.newSession(), predictor, ...models });
    this.use(encoder);
    for (const offer of encoder.offers()) this.ports.send(offer);
  }

  private end(): void {
    this.flush();
    this.encoder = undefined;
  }

  private use(encoder: GatewayEncoder): void {
    this.encoder = encoder;
    this.positions = new Map(encoder.link.channels.map(({ name }, i) => [name, i]));
  }

  private give(messages: readonly Message[]): void {
    if (messages.length === 0 || this.encoder === undefined) return;
    this.unsaved = true;
    this.save();
    for (const message of messages) this.ports.send(message);
  }

  private fits({ channels, everyMs, deadline, heartbeat, tolerance }: LinkConfig): boolean {
    const { options } = this;
    return (
      everyMs === options.everyMs &&
      deadline === options.deadline &&
      heartbeat === options.heartbeat &&
      tolerance === options.tolerance &&
      channels.every(({ name, epsilon }) => epsilon === options.epsilons[measureOf(name)])
    );
  }

  private epsilonOf(name: string): number {
    const epsilon = this.options.epsilons[measureOf(name)];
    if (epsilon === undefined) throw new LinnetError('config.invalid', `no epsilon for ${measureOf(name)}`);
    return epsilon;
  }
}

/** As `prepare` orders columns, so that a model trained on them fits. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Channels are named `sensor:measure`. */
export function measureOf(channel: string): string {
  return channel.slice(channel.lastIndexOf(':') + 1);
}
