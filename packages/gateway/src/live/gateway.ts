/** The gateway as a program runs it: readings in, a state file and the agent's log under the link. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { agent, type Agent, type AgentOptions } from '@linnet/agent';
import { LinnetError, SnapshotReader, SnapshotWriter, stampReader } from '@linnet/core';
import type { Detector } from './detector.ts';
import { Instants } from './instants.ts';
import { LinkGateway, type LinkOptions } from './link-gateway.ts';
import { openDetector, type DetectorOptions } from './open-detector.ts';
import { StateFile } from './state-file.ts';

export interface GatewayOptions extends Omit<LinkOptions, 'detector'>, DetectorOptions {
  /** Name of this gateway, by which the cloud knows it. */
  readonly id: string;
  /** mqtt://host[:port] or mqtts://host[:port] of the cloud's broker. */
  readonly up: string;
  /** Folder of the state and the log; default ./linnet-gateway/ID. */
  readonly data?: string;
  /** How late a reading may come and still count. */
  readonly latenessMs?: number;
  readonly connection?: Pick<AgentOptions, 'user' | 'password' | 'tls' | 'mqtt' | 'keepAliveSeconds'>;
}

export interface Gateway {
  /**
   * Takes a reading: an object with `sensor`, `time` (ISO 8601 or epoch; now when left out) and a number for each measure.
   * @throws LinnetError `data.invalid` for what is no such reading
   */
  read(reading: object): void;
  readonly counts: Readonly<Record<'readings' | 'late' | 'refused' | 'messages', number>>;
  /** Closes all instants and covers them. */
  flush(): void;
  /** Resolves true when the cloud has stored everything, false after `ms`. */
  drained(ms: number): Promise<boolean>;
  /** Keeps the state and leaves; what is not acknowledged stays on disk for the next start. */
  close(): Promise<void>;
}

const STATE = 'gateway';
const STATUS_EVERY_MS = 3_600_000;
const SAVE_EVERY_MS = 1000;
/** A stamp further ahead of the clock would make all that comes after it too late. */
const AHEAD_MS = 86_400_000;

/** @throws LinnetError `config.invalid`, `io.failed`, `io.refused` when another gateway works on the folder */
export async function gateway(options: GatewayOptions): Promise<Gateway> {
  const data = options.data ?? join('linnet-gateway', options.id);
  const detector = openDetector(options);
  const running: { link?: LinkGateway } = {};
  const early: Uint8Array[] = [];
  const log = await agent({
    id: options.id,
    broker: options.up,
    buffer: join(data, 'log'),
    statusEveryMs: STATUS_EVERY_MS,
    ...options.connection,
    onCommand: (bytes) => (running.link === undefined ? early.push(bytes) : running.link.receive(bytes)),
    onTrouble: (message) => options.onTrouble?.(message),
  });
  try {
    const file = new StateFile(join(data, 'gateway.state'));
    const gateway_ = new RunningGateway(options, log, file, detector);
    running.link = gateway_.link;
    for (const bytes of early) gateway_.link.receive(bytes);
    return gateway_;
  } catch (error) {
    await log.close();
    throw error;
  }
}

class RunningGateway implements Gateway {
  readonly link: LinkGateway;
  readonly counts = { readings: 0, late: 0, refused: 0, messages: 0 };
  private readonly options: GatewayOptions;
  private readonly log: Agent;
  private readonly instants: Instants;
  private readonly timer: NodeJS.Timeout;
  private readonly stamp = stampReader('detect');
  private heardAt = performance.now();
  /** Messages on their way into the log. */
  private recording: Promise<unknown> = Promise.resolve();

  constructor(options: GatewayOptions, log: Agent, file: StateFile, detector?: Detector) {
    this.options = options;
    this.log = log;
    this.link = new LinkGateway(
      { ...options, ...(detector !== undefined && { detector }) },
      {
        save: (state) => file.write(this.pack(state)),
        send: (message) => this.send(message),
        newSession: () => randomInt(1, 65_536),
        pending: () => log.stats().pending > 0,
        trouble: (message) => options.onTrouble?.(message),
      },
    );
    const state = file.read();
    this.instants = new Instants(options.everyMs, options.latenessMs ?? options.everyMs);
    if (state !== undefined) this.unpack(state, file.path);
    this.timer = setInterval(() => this.pass(), Math.min(SAVE_EVERY_MS, options.everyMs));
    this.timer.unref();
  }

  read(reading: object): void {
    const fields = reading as Record<string, unknown>;
    const time = fields['time'] === undefined ? Date.now() : this.stamp(fields['time']);
    if (!Number.isFinite(time)) {
      throw new LinnetError('data.invalid', `time ${JSON.stringify(fields['time'])} cannot be read`);
    }
    if (time > Date.now() + AHEAD_MS) {
      throw new LinnetError('data.invalid', `time ${JSON.stringify(fields['time'])} lies in the future`);
    }
    const sensor = fields['sensor'] ?? this.options.id;
    if (typeof sensor !== 'string' && typeof sensor !== 'number') {
      throw new LinnetError('data.invalid', 'sensor is neither a text nor a number');
    }
    this.counts.readings++;
    this.heardAt = performance.now();
    for (const measure of Object.keys(this.options.epsilons)) {
      const value = fields[measure];
      if (value === undefined || value === null) continue;
      if (typeof value !== 'number') {
        throw new LinnetError('data.invalid', `${measure} ${JSON.stringify(value)} is no number`);
      }
      if (this.instants.add(`${sensor}:${measure}`, time, value) !== undefined) this.counts.late++;
    }
    for (const instant of this.instants.closed()) this.link.take(instant);
    this.link.touch();
    this.counts.refused = this.link.refused;
  }

  flush(): void {
    for (const instant of this.instants.rest()) this.link.take(instant);
    this.link.flush();
    this.counts.refused = this.link.refused;
  }

  async drained(ms: number): Promise<boolean> {
    await this.recording;
    return this.log.drained(ms);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.link.save();
    await this.recording;
    await this.log.close();
  }

  /** Where nothing is heard for an instant's length, time goes on by the wall clock. */
  private pass(): void {
    const { everyMs } = this.options;
    const silent = performance.now() - this.heardAt;
    if (silent >= everyMs && this.link.next !== undefined) {
      this.heardAt += everyMs;
      this.instants.pass(everyMs);
      for (const instant of this.instants.closed()) this.link.take(instant);
      this.link.idle(this.instants.reached);
    }
    this.link.save();
  }

  /** The encoder's state and the readings of open instants. */
  private pack(encoder: Uint8Array): Uint8Array {
    return new SnapshotWriter(STATE, 1).blob(encoder).text(JSON.stringify(this.instants)).finish();
  }

  private unpack(bytes: Uint8Array, path: string): void {
    try {
      const reader = new SnapshotReader(bytes, STATE, 1);
      const encoder = reader.blob();
      this.instants.restore(JSON.parse(reader.text()));
      reader.finish();
      this.link.resume(encoder);
    } catch (cause) {
      if (!(cause instanceof LinnetError)) throw cause;
      const what = `${path}: ${cause.message}; move the file away to begin a new session`;
      throw new LinnetError(cause.code, what, { cause });
    }
  }

  private send(message: Uint8Array): void {
    this.counts.messages++;
    const payload = { dual: Buffer.from(message).toString('base64') };
    this.recording = Promise.all([this.recording, this.log.record(payload)]).then(
      () => undefined,
      (error: Error) => this.options.onTrouble?.(error.message),
    );
  }
}
