/**
 * The ingest as pure steps: `step(messages, now)` takes a batch in and says what one transaction has to hold and what may be answered after
 * it. Clock, store and sockets are ports, so that a simulator drives this very code.
 *
 * Call `step` inside a transaction, write its result, commit, and only then send the acknowledgements and complete the messages. When the
 * transaction fails call `forget`, and the same batch may be stepped again.
 */
import { LinnetError } from '@linnet/core/base';
import type { FindForecaster } from '@linnet/core/transmit';
import { ackOf, decodeFrame, decodePayload, encodeAck, isFrame, Received } from '@linnet/core/wire';
import type { Frame, FrameRecord, Inflate, ReceivedState } from '@linnet/core/wire';
import { Mapping, type Mapped } from '../mapping/mapping.ts';
import type { Alert } from '../watch/alert.ts';
import { Detector, type StoredModel } from '../watch/detector.ts';
import { learnPause, silentAfterMs } from '../watch/silence.ts';
import { newDevice, type DeviceState } from './device-state.ts';
import { eventTime } from './event-time.ts';
import { deviceKey, type DeadLetter, type Inbound, type OutboundAck } from './inbound.ts';
import { ReadingWriter, type Draft, type SensorInfo, type TextRow } from './reading-writer.ts';
import { anomalyOf, DualIngest, isDual, type DualCommit } from './dual.ts';
import { isResent } from './resent.ts';
import { RowBuffer } from './row-buffer.ts';

/** What the ingest reads of the store, within the transaction of the step. */
export interface IngestStore {
  /** State of an incarnation and its number in the store; a new one gets a number. */
  incarnation(key: string, incarnation: string): { id: number; state: ReceivedState | undefined };
  device(key: string): DeviceState | undefined;
  /** State of the decoder of a gateway's messages. */
  dual?(key: string): Uint8Array | undefined;
  /** Keys of all gateways that have such a decoder. */
  everyDual?(): Iterable<string>;
  /** Every device, so that the silence of those that were heard before the start is noticed, too. */
  everyDevice?(): Iterable<readonly [string, DeviceState]>;
}

export interface IngestOptions {
  readonly inflate: Inflate;
  /** Models that gateways may use. */
  readonly find?: FindForecaster;
  /** Default: `tele/{device}` and what lies below it. */
  readonly mapping?: Mapping;
  /** Default: rolling z-score, kept in memory alone. */
  readonly detector?: Detector;
  /** How far a device's clock may be off and still be believed. */
  readonly clockToleranceMs?: number;
  /** How long a broker may keep a frame before it comes here; 0 where there is none between. */
  readonly delayMaxMs?: number;
  /**
   * How long a frame waits for the one before it, which another instance may be storing this moment; 0 (default) refuses it at once.
   */
  readonly holdMs?: number;
  /** How long a device whose backlog frame of so many readings was taken in waits before its next one, ms; default not at all. */
  readonly pauseMs?: (readings: number, now: number) => number;
  /** The server's clock at its start: what was silent before that is not news. */
  readonly startedAt?: number;
}

/** What one transaction has to hold. */
export interface Commit {
  readonly rows: RowBuffer;
  readonly received: readonly Incarnation[];
  readonly devices: ReadonlyMap<string, DeviceState>;
  readonly sensors: readonly SensorInfo[];
  readonly texts: readonly TextRow[];
  readonly models: readonly StoredModel[];
  readonly dead: readonly DeadLetter[];
  readonly dual: DualCommit;
  /** Readings that came as backlog. */
  readonly backlog: number;
  /** To be sent, and told, after the commit. */
  readonly acks: readonly OutboundAck[];
  readonly alerts: readonly Alert[];
}

export interface Incarnation {
  readonly id: number;
  readonly state: Received;
}

/** Devices and incarnations whose state is held in memory; the rest is read from the store when it speaks again. */
const CACHED_MAX = 50_000;
/** Frames that wait for another; a frame has at most some hundred kilobytes. */
const HELD_MAX = 256;
const STATUS = '/status';
/** A record of a frame whose topic no rule fits, and plain messages of such topics, are told by this. */
const UNMAPPED = 'no rule of the mapping fits the topic';

export class Ingest {
  private readonly store: IngestStore;
  private readonly options: IngestOptions;
  private readonly mapping: Mapping;
  private readonly detector: Detector;
  private readonly rows = new RowBuffer();
  private readonly writer: ReadingWriter;
  private readonly dual: DualIngest;
  private readonly incarnations = new Map<string, Incarnation>();
  private readonly devices = new Map<string, DeviceState>();
  private dirtyIncarnations = new Set<Incarnation>();
  private dirtyDevices = new Map<string, DeviceState>();
  private dead: DeadLetter[] = [];
  private acks: OutboundAck[] = [];
  private backlog = 0;
  private held: { readonly message: Inbound; readonly until: number }[] = [];
  private stale = true;
  private resumed = false;
  private now = 0;

  constructor(store: IngestStore, options: IngestOptions) {
    this.store = store;
    this.options = options;
    this.mapping = options.mapping ?? new Mapping();
    this.detector = options.detector ?? new Detector({}, () => []);
    this.writer = new ReadingWriter(this.rows, this.detector);
    this.dual = new DualIngest((key) => store.dual?.(key), options.find);
  }

  /** @param now the server's clock, epoch ms */
  step(messages: readonly Inbound[], now: number): Commit {
    this.begin(now);
    for (const message of messages) this.take(message);
    this.retryHeld();
    return this.commit(this.detector.toSave(now));
  }

  /** Looks for devices that fell silent, and asks gateways again for what is missing; call it every second or so, like `step`. */
  tick(now: number): Commit {
    this.begin(now);
    if (this.stale) this.loadDevices();
    this.retryHeld();
    this.retryDual();
    for (const [key, device] of this.devices) {
      if (device.silentSince !== null || device.left) continue;
      const since = Math.max(device.lastSeen, this.options.startedAt ?? 0);
      if (now - since <= silentAfterMs(device)) continue;
      device.silentSince = device.lastSeen;
      this.dirtyDevices.set(key, device);
      const { lastSeen, pauseMs } = device;
      const alert = {
        alert: 'silent',
        device: key,
        lastSeen,
        intervalMs: Math.round(pauseMs),
        receivedAt: now,
      } as const;
      this.writer.alerts.push(alert);
    }
    return this.commit(this.detector.toSave(now));
  }

  /** What has to be stored before the server ends. */
  finish(now: number): Commit {
    this.begin(now);
    return this.commit(this.detector.toSave(now, true));
  }

  /** What was taken in by the last step is not stored, or others write to the store as well: states are read anew. */
  forget(): void {
    this.incarnations.clear();
    this.devices.clear();
    this.stale = true;
    this.writer.forget();
    this.dual.forget();
  }

  private begin(now: number): void {
    this.now = now;
    this.rows.clear();
    this.writer.clear();
    this.dual.begin();
    this.dirtyIncarnations = new Set();
    this.dirtyDevices = new Map();
    this.dead = [];
    this.acks = [];
    this.backlog = 0;
    trim(this.incarnations);
    trim(this.devices);
  }

  private commit(models: readonly StoredModel[]): Commit {
    const { alerts, sensors, texts } = this.writer;
    return {
      rows: this.rows,
      received: [...this.dirtyIncarnations],
      devices: this.dirtyDevices,
      sensors: [...sensors],
      texts: [...texts],
      models,
      dead: this.dead,
      dual: this.dual.commit,
      backlog: this.backlog,
      acks: this.acks,
      alerts: [...alerts, ...this.dual.commit.alerts.map((alert) => anomalyOf(alert, this.now))],
    };
  }

  private loadDevices(): void {
    this.stale = false;
    for (const [key, device] of this.store.everyDevice?.() ?? []) {
      if (this.devices.size >= CACHED_MAX) break;
      if (!this.devices.has(key)) this.devices.set(key, device);
    }
  }

  /** Frames that came before the one before them. */
  private retryHeld(): void {
    if (this.held.length === 0) return;
    const { held } = this;
    this.held = [];
    for (const { message, until } of held) this.take(message, until);
  }

  private retryDual(): void {
    if (!this.resumed) this.dual.resume(this.store.everyDual?.() ?? []);
    this.resumed = true;
    for (const question of this.dual.retry((key) => this.hears(key))) this.acks.push(question);
  }

  /** Whether the device is there, as far as is known: a question to one that is not would be lost. */
  private hears(key: string): boolean {
    const device = this.devices.get(key) ?? this.store.device(key);
    return device !== undefined && device.silentSince === null && !device.left && device.online !== false;
  }

  private take(message: Inbound, heldUntil?: number): void {
    const { topic, identity, tenant, payload } = message;
    const isStatus = topic.endsWith(STATUS) && payload.length > 0;
    const mapped = this.mapping.of(isStatus ? topic.slice(0, -STATUS.length) : topic);
    const device = identity ?? mapped?.device;
    if (device === undefined) return this.bury('', message, UNMAPPED);
    const key = deviceKey(tenant, device);
    try {
      if (isStatus && this.status(key, message)) return;
      if (mapped === undefined || mapped.device !== device) throw new LinnetError('data.invalid', UNMAPPED);
      if (isFrame(payload)) this.frame(key, mapped, message, heldUntil);
      else this.plain(key, isStatus ? this.mapping.of(topic) : mapped, message);
    } catch (error) {
      if (!(error instanceof LinnetError)) throw error;
      this.bury(key, message, error.message);
    }
  }

  private frame(key: string, mapped: Mapped, message: Inbound, heldUntil?: number): void {
    const frame = decodeFrame(message.payload, this.options.inflate);
    const { device } = mapped;
    if (frame.device !== device) {
      throw new LinnetError('data.invalid', `frame of device ${frame.device} from ${device}`);
    }
    const incarnation = this.incarnation(key, frame.incarnation);
    const known = { gaps: incarnation.state.gaps, duplicates: incarnation.state.duplicates };
    const verdict = incarnation.state.take(frame);
    const about = this.heard(key);
    about.gaps += incarnation.state.gaps - known.gaps;
    about.duplicates += incarnation.state.duplicates - known.duplicates;
    about.incarnation = frame.incarnation;
    about.clockOffsetMs = frame.sentAt - this.now;
    about.left = false;
    this.dirtyIncarnations.add(incarnation);
    if (verdict.refused && verdict.why === 'gap' && this.hold(message, frame, heldUntil)) return;
    if (verdict.refused) about.refused++;
    else for (const record of verdict.fresh) this.record(key, mapped, message, frame, record, incarnation.id);
    if (!frame.live) this.backlog += frame.records.length;
    const taken = frame.live || verdict.refused ? 0 : frame.records.length;
    const pauseMs = taken === 0 ? 0 : (this.options.pauseMs?.(taken, this.now) ?? 0);
    const bytes = encodeAck(ackOf(frame, verdict, this.now, about.waits === true ? pauseMs : undefined));
    this.acks.push({ tenant: message.tenant, device, bytes });
  }

  private hold(message: Inbound, { prev }: Frame, heldUntil?: number): boolean {
    const { holdMs = 0 } = this.options;
    if (holdMs === 0 || prev === 0) return false;
    const until = heldUntil ?? this.now + holdMs;
    if (this.now >= until || this.held.length >= HELD_MAX) return false;
    this.held.push({ message, until });
    return true;
  }

  private record(
    key: string,
    mapped: Mapped,
    message: Inbound,
    frame: Frame,
    record: FrameRecord,
    incarnation: number,
  ): void {
    if (this.gatewayMessage(key, message, frame, record)) return;
    const { at, score, sequence, payload } = record;
    const { clockToleranceMs, delayMaxMs } = this.options;
    const { time, believed } = eventTime(frame, record, this.now, clockToleranceMs, delayMaxMs);
    const draft: Draft = {
      device: mapped.device,
      tenant: message.tenant,
      key,
      mapped,
      payload,
      time,
      believed,
      deviceTime: at,
      backlog: !frame.live,
      incarnation,
      sequence,
      deviceScore: score,
      framed: true,
    };
    const about = this.device(key);
    try {
      this.count(about, this.writer.write(draft, this.now), frame.live);
      if (!frame.live) about.backlog++;
    } catch (error) {
      if (!(error instanceof LinnetError)) throw error;
      // It is acknowledged all the same: the device must not send it again for ever.
      this.bury(key, { ...message, payload }, error.message);
    }
  }

  /** Whether a record is a message of dual prediction, which gives rows of its own. */
  private gatewayMessage(
    key: string,
    message: Inbound,
    { device }: Frame,
    { payload }: FrameRecord,
  ): boolean {
    if (!isDual(payload)) return false;
    this.device(key).stored++;
    try {
      const { dual } = decodePayload(payload);
      if (typeof dual !== 'string') throw new LinnetError('data.invalid', 'dual is no text');
      for (const bytes of this.dual.take(key, dual, this.rows)) {
        this.acks.push({ tenant: message.tenant, device, bytes });
      }
    } catch (error) {
      if (!(error instanceof LinnetError)) throw error;
      this.bury(key, { ...message, payload }, error.message);
    }
    return true;
  }

  private plain(key: string, mapped: Mapped | undefined, message: Inbound): void {
    if (mapped === undefined) throw new LinnetError('data.invalid', UNMAPPED);
    const about = this.heard(key);
    about.left = false;
    if (isResent(about.recent, message)) {
      about.duplicates++;
      return;
    }
    const { tenant, payload } = message;
    const { device } = mapped;
    const draft: Draft = {
      device,
      tenant,
      key,
      mapped,
      payload,
      time: this.now,
      believed: true,
      deviceTime: undefined,
      backlog: false,
      incarnation: undefined,
      sequence: undefined,
      deviceScore: undefined,
      framed: false,
    };
    this.count(about, this.writer.write(draft, this.now), true);
  }

  private count(
    about: DeviceState,
    { time, believed }: { time: number; believed: boolean },
    live: boolean,
  ): void {
    about.stored++;
    if (!believed) about.clockWrong++;
    else if (live) about.lastTime = Math.max(about.lastTime, time);
  }

  /** @returns whether it is the status of an agent; a plain device may have a metric of that name */
  private status(key: string, { payload }: Inbound): boolean {
    const status = decodePayloadOr(payload);
    if (status === undefined || typeof status['incarnation'] !== 'string') return false;
    const about = this.device(key);
    const { online, clean, pending, dropped } = status;
    if (typeof online === 'boolean') about.online = online;
    about.left = online === false && clean === true;
    if (status['waits'] === true) about.waits = true;
    if (isCount(pending)) [about.pending, about.storedThen] = [pending, about.stored];
    if (typeof dropped === 'object' && dropped !== null) {
      about.dropped = Object.values(dropped).reduce<number>((sum, n) => sum + (isCount(n) ? n : 0), 0);
    }
    return true;
  }

  private bury(device: string, { topic, payload }: Inbound, reason: string): void {
    if (device !== '') this.device(device).dead++;
    this.dead.push({ device, topic, receivedAt: this.now, reason, payload });
  }

  private incarnation(key: string, incarnation: string): Incarnation {
    const name = `${key}#${incarnation}`;
    let known = this.incarnations.get(name);
    if (known === undefined) {
      const { id, state } = this.store.incarnation(key, incarnation);
      known = { id, state: new Received(state) };
      this.incarnations.set(name, known);
    }
    return known;
  }

  /** The device has sent a reading, or a frame. */
  private heard(key: string): DeviceState {
    const device = this.device(key);
    learnPause(device, this.now);
    if (device.silentSince !== null) {
      const silentMs = this.now - device.silentSince;
      device.silentSince = null;
      this.writer.alerts.push({ alert: 'back', device: key, silentMs, receivedAt: this.now });
    }
    device.lastSeen = this.now;
    return device;
  }

  private device(key: string): DeviceState {
    let known = this.devices.get(key);
    if (known === undefined) {
      known = this.store.device(key) ?? newDevice(this.now);
      this.devices.set(key, known);
    }
    this.dirtyDevices.set(key, known);
    return known;
  }
}

function decodePayloadOr(payload: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    return decodePayload(payload);
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Forgets what was read first; a state that is needed again comes from the store. */
function trim(cache: Map<string, unknown>): void {
  let excess = cache.size - CACHED_MAX;
  for (const key of cache.keys()) {
    if (excess-- <= 0) break;
    cache.delete(key);
  }
}
