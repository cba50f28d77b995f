/** The agent as a library: clock, disk and socket around the log and the sender. */
import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { LinnetError } from '@linnet/core/base';
import { checkDevice, deviceTopics, encodePayload } from '@linnet/core/wire';
import type { Detect, Detector } from './detect/by-field.ts';
import { openDetector, type DetectorName } from './detect/detector.ts';
import { lockFolder } from './lock.ts';
import { Log, onFullPolicies, type OnFull } from './log/log.ts';
import { NodeDisk } from './log/node-disk.ts';
import { Recorder, type Fsync } from './log/recorder.ts';
import { Sender, type Effect, type SenderEvent } from './sender/sender.ts';
import type { MqttVersion } from './sender/session.ts';
import { statsOf, type AgentStats } from './stats.ts';
import { openConnection, parseBroker, type Connection, type TlsFiles } from './transport.ts';
import { bytesOf } from './units.ts';

export interface AgentOptions {
  /** Device: 1 to 64 of A-Z a-z 0-9 . _ - */
  readonly id: string;
  /** mqtt://host[:port] or mqtts://host[:port]; a user may stand in it, a password may not. */
  readonly broker: string;
  /** Folder of the log; default ./linnet-buffer/ID. */
  readonly buffer?: string;
  /** Bytes that the log may take, or a size such as '64MB', which is the default. */
  readonly maxBytes?: number | string;
  /** What to do when the buffer or the disk is full; default drop-oldest. */
  readonly onFull?: OnFull;
  /** `always` (default), `interval` (each second), or the interval in ms. */
  readonly fsync?: Fsync | 'interval';
  /** Topic of the data; {id} stands for the device; default tele/{id}. */
  readonly topic?: string;
  readonly user?: string;
  readonly password?: string;
  readonly tls?: TlsFiles;
  /** MQTT version; default auto: 5, falling back to 3.1.1. */
  readonly mqtt?: 'auto' | MqttVersion;
  readonly keepAliveSeconds?: number;
  readonly sessionExpirySeconds?: number;
  /** Ordinary readings are sent together every so many ms; default 0: each at once. */
  readonly sendEveryMs?: number;
  readonly statusEveryMs?: number;
  /** The device's clock, epoch ms; default the system's. */
  readonly wallClock?: () => number;
  /** Scores a reading before it is sent; an anomaly goes at once. */
  readonly detect?: DetectorName | Detect;
  /** Score of an anomaly; default 3 (zscore), 0.95 (half-space-trees). */
  readonly threshold?: number;
  /** Told of what the server sends beside acknowledgements. */
  readonly onCommand?: (bytes: Uint8Array) => void;
  /** Told of each live reading, once the server has acknowledged it, how long ago `record` was called, ms. */
  readonly onStored?: (ms: number) => void;
  /** Told of every new trouble, once each time that it changes. */
  readonly onTrouble?: (message: string) => void;
}

export interface Agent {
  readonly incarnation: string;
  /**
   * Resolves true once the reading is on disk (see `fsync`), false when the policy dropped it.
   * @throws LinnetError `data.invalid` for what is no reading, `io.refused` after `close`
   */
  record(reading: object): Promise<boolean>;
  /** Counts something that came as a reading and was none, as `dropped.invalid`; `record` does it by itself. */
  countInvalid(): void;
  stats(): AgentStats;
  /** Resolves true when nothing is pending, false after `ms`. */
  drained(ms: number): Promise<boolean>;
  /** Syncs and leaves; what is pending stays on disk for the next start. */
  close(): Promise<void>;
}

const BYTES_MIN = 64 << 10;
const MARK_EVERY_MS = 5000;
const SYNC_EVERY_MS = 1000;
const WAIT_MS_MAX = 2 ** 31 - 1;
/** For a frame of a few readings: a thirtieth of the memory that deflate takes otherwise. */
const SMALL = { windowBits: 11, memLevel: 2 };

/**
 * Starts an agent.
 * @throws LinnetError `config.invalid`, `io.failed` when the buffer cannot be made, `io.refused` when another agent has it
 */
export async function agent(options: AgentOptions): Promise<Agent> {
  const id = checkDevice(options.id);
  const bytesMax = sizeOf(options.maxBytes);
  checkPolicies(options);
  const broker = parseBroker(options.broker, options.tls);
  const topics = deviceTopics(id, options.topic);
  const detector = await detectorOf(options);
  const disk = new NodeDisk(options.buffer ?? `linnet-buffer/${id}`);
  const lock = await lockFolder(options.buffer ?? `linnet-buffer/${id}`);
  return new RunningAgent({ ...options, id, bytesMax, detector }, broker, topics, disk, lock);
}

function sizeOf(given: number | string = 64 << 20): number {
  const bytes = typeof given === 'string' ? bytesOf(given) : given;
  if (bytes >= BYTES_MIN) return bytes;
  const why = Number.isNaN(bytes) ? 'is no size such as 64MB' : `is below ${BYTES_MIN}`;
  throw new LinnetError('config.invalid', `maxBytes: ${given} ${why}`);
}

/** For callers without types. */
function checkPolicies({ onFull = 'block', fsync = 'always', mqtt = 'auto', ...times }: AgentOptions): void {
  if (!onFullPolicies.includes(onFull)) {
    throw new LinnetError(
      'config.invalid',
      `onFull: ${String(onFull)} is none of ${onFullPolicies.join(', ')}`,
    );
  }
  if (typeof fsync === 'number' ? !(fsync > 0) : fsync !== 'always' && fsync !== 'interval') {
    throw new LinnetError(
      'config.invalid',
      `fsync: ${String(fsync)} is neither always, interval nor a time in ms`,
    );
  }
  if (mqtt !== 'auto' && mqtt !== 4 && mqtt !== 5)
    throw new LinnetError('config.invalid', `mqtt: ${String(mqtt)} is none of auto, 5, 4 (3.1.1)`);
  for (const name of ['keepAliveSeconds', 'sessionExpirySeconds', 'sendEveryMs', 'statusEveryMs'] as const) {
    if (!((times[name] ?? 0) >= 0))
      throw new LinnetError('config.invalid', `${name}: ${String(times[name])} is no time`);
  }
}

async function detectorOf({ detect, threshold }: AgentOptions): Promise<Partial<Detector>> {
  return typeof detect === 'string'
    ? openDetector(detect, threshold)
    : detect === undefined
      ? {}
      : { detect };
}

type Ready = AgentOptions & { readonly bytesMax: number; readonly detector: Partial<Detector> };

class RunningAgent implements Agent {
  private readonly options: Ready;
  private readonly broker: ReturnType<typeof parseBroker>;
  private readonly wallClock: () => number;
  private readonly disk: NodeDisk;
  private readonly lock: { release(): void };
  private readonly log: Log;
  private readonly recorder: Recorder;
  private readonly sender: Sender;
  private readonly timers = new Set<NodeJS.Timeout>();
  private wake: NodeJS.Timeout | undefined;
  private connection: Connection | undefined;
  private closed = false;
  private invalid = 0;
  private trouble: string | undefined;
  private onProgress: (() => void) | undefined;

  constructor(
    options: Ready,
    broker: ReturnType<typeof parseBroker>,
    topics: ReturnType<typeof deviceTopics>,
    disk: NodeDisk,
    lock: { release(): void },
  ) {
    const { bytesMax, onFull = 'drop-oldest', fsync = 'always', password } = options;
    // A password without a user is the device's own: MQTT knows no password without a user.
    const user = options.user ?? broker.user ?? (options.password === undefined ? undefined : options.id);
    this.options = options;
    this.broker = broker;
    this.wallClock = options.wallClock ?? Date.now;
    this.disk = disk;
    this.lock = lock;
    this.log = new Log(disk, { bytesMax, onFull, newIncarnation: () => randomBytes(8).toString('hex') });
    this.recorder = new Recorder(this.log, fsync === 'interval' ? SYNC_EVERY_MS : fsync, onFull, {
      soon: (work) => void setImmediate(work),
      later: (ms, work) => this.later(ms, work),
      onStored: (records) => this.step({ kind: 'stored', records }),
    });
    this.sender = new Sender(this.log, {
      device: options.id,
      incarnation: this.log.incarnation,
      topics,
      credentials: { ...(user !== undefined && { user }), ...(password !== undefined && { password }) },
      keepAliveSeconds: options.keepAliveSeconds ?? 30,
      sessionExpirySeconds: options.sessionExpirySeconds ?? 3600,
      mqtt: options.mqtt ?? 'auto',
      sendEveryMs: options.sendEveryMs ?? 0,
      statusEveryMs: options.statusEveryMs ?? 60_000,
      deflate: (bytes, dictionary) =>
        deflateRawSync(bytes, dictionary === undefined ? {} : { ...SMALL, dictionary }),
      random: Math.random,
      status: () => this.stats(),
      ...(options.onCommand !== undefined && { onCommand: options.onCommand }),
      ...(options.onStored !== undefined && { onStored: options.onStored }),
    });
    this.markEvery();
    this.step({ kind: 'wake' });
  }

  get incarnation(): string {
    return this.log.incarnation;
  }

  record(reading: object): Promise<boolean> {
    if (this.closed) return Promise.reject(new LinnetError('io.refused', 'the agent is closed'));
    const at = this.wallClock();
    const mono = Math.round(performance.now());
    try {
      const payload = encodePayload(reading);
      const score = this.options.detector.detect?.(reading);
      const draft = score === undefined ? { at, mono, payload } : { at, mono, score, payload };
      return new Promise((resolve) => this.recorder.record(draft, resolve));
    } catch (error) {
      this.invalid++;
      return Promise.reject(error as Error);
    }
  }

  countInvalid(): void {
    this.invalid++;
  }

  stats(): AgentStats {
    return statsOf(this.log, this.recorder, this.sender, this.invalid, this.options.detector.state?.());
  }

  async drained(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    while (this.log.pending + this.recorder.waiting > 0) {
      const left = until - performance.now();
      if (left <= 0 || this.closed) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 1000));
        this.onProgress = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.step({ kind: 'stop' });
    this.log.mark();
    await new Promise<void>((resolve) => this.log.sync(() => resolve()));
    for (const timer of this.timers) clearTimeout(timer);
    clearTimeout(this.wake);
    this.disk.close();
    this.lock.release();
  }

  private step(event: SenderEvent): void {
    const acked = this.log.counters.acked;
    const effects = this.sender.step(event, { mono: performance.now(), wall: this.wallClock() });
    for (const effect of effects) this.apply(effect);
    if (this.log.counters.acked > acked) {
      this.recorder.retry();
      this.onProgress?.();
    }
    const { lastError } = this.sender;
    if (lastError !== undefined && lastError !== this.trouble) this.options.onTrouble?.(lastError);
    this.trouble = lastError;
    clearTimeout(this.wake);
    const wait = Math.min(Math.max(0, this.sender.wakeAt - performance.now()), WAIT_MS_MAX);
    if (!this.closed) this.wake = setTimeout(() => this.step({ kind: 'wake' }), wait);
  }

  private apply(effect: Effect): void {
    if (effect.kind === 'send') this.connection?.send(effect.packet);
    else if (effect.kind === 'close') this.dropConnection();
    else this.connect(effect.version);
  }

  private connect(version: MqttVersion): void {
    this.dropConnection();
    // Events of a connection that was given up are no longer ours.
    const current = (work: () => void) => () => {
      if (this.connection === connection) work();
    };
    const connection: Connection = openConnection(this.broker, version, {
      opened: () => current(() => this.step({ kind: 'opened' }))(),
      packet: (packet) => current(() => this.step({ kind: 'packet', packet }))(),
      closed: (why) =>
        current(() => {
          this.connection = undefined;
          this.step({ kind: 'closed', ...(why !== undefined && { why }) });
        })(),
    });
    this.connection = connection;
  }

  private dropConnection(): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.close();
  }

  private later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }

  private markEvery(): void {
    this.later(MARK_EVERY_MS, () => {
      this.log.mark();
      this.markEvery();
    });
  }
}
