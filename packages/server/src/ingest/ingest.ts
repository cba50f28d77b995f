/**
 * The ingest as pure steps: `step(messages, now)` takes a batch in and says what one transaction has to hold and what may be answered after
 * it. Clock, store and sockets are ports, so that a simulator drives this very code.
 *
 * Call `step` inside a transaction, write its result, commit, and only then send the acknowledgements and complete the messages. When the
 * transaction fails call `forget`, and the same batch may be stepped again.
 */
import { LinnetError } from '@linnet/core/base';
import type { FindForecaster } from '@linnet/core/transmit';
import { ackOf, decodeFrame, decodePayload, encodeAck, isDevice, isFrame, Received } from '@linnet/core/wire';
import type { Frame, FrameRecord, Inflate, ReceivedState } from '@linnet/core/wire';
import { newDevice, type DeviceState } from './device-state.ts';
import { eventTime } from './event-time.ts';
import { deviceKey, type DeadLetter, type Inbound, type OutboundAck } from './inbound.ts';
import { fieldsObject, fieldsOf } from './payload-fields.ts';
import { DualIngest, isDual, type DualCommit } from './dual.ts';
import { RowBuffer } from './row-buffer.ts';

/** What the ingest reads of the store, within the transaction of the step. */
export interface IngestStore {
  /** State of an incarnation and its number in the store; a new one gets a number. */
  incarnation(key: string, incarnation: string): { id: number; state: ReceivedState | undefined };
  device(key: string): DeviceState | undefined;
  /** State of the decoder of a gateway's messages. */
  dual?(key: string): Uint8Array | undefined;
}

export interface IngestOptions {
  readonly inflate: Inflate;
  /** Models that gateways may use. */
  readonly find?: FindForecaster;
  /** How far a device's clock may be off and still be believed. */
  readonly clockToleranceMs?: number;
}

/** What one transaction has to hold. */
export interface Commit {
  readonly rows: RowBuffer;
  readonly received: readonly { readonly id: number; readonly state: Received }[];
  readonly devices: ReadonlyMap<string, DeviceState>;
  readonly dead: readonly DeadLetter[];
  readonly dual: DualCommit;
  /** To be sent after the commit. */
  readonly acks: readonly OutboundAck[];
}

interface Incarnation {
  readonly id: number;
  readonly state: Received;
}

/** Devices and incarnations whose state is held in memory; the rest is read from the store when it speaks again. */
const CACHED_MAX = 20_000;
const STATUS = /^(.*)\/status$/;

export class Ingest {
  private readonly store: IngestStore;
  private readonly options: IngestOptions;
  private readonly rows = new RowBuffer();
  private readonly dual: DualIngest;
  private readonly incarnations = new Map<string, Incarnation>();
  private readonly devices = new Map<string, DeviceState>();
  private dirtyIncarnations = new Set<Incarnation>();
  private dirtyDevices = new Map<string, DeviceState>();
  private dead: DeadLetter[] = [];
  private acks: OutboundAck[] = [];
  private now = 0;

  constructor(store: IngestStore, options: IngestOptions) {
    this.store = store;
    this.options = options;
    this.dual = new DualIngest((key) => store.dual?.(key), options.find);
  }

  /** @param now the server's clock, epoch ms */
  step(messages: readonly Inbound[], now: number): Commit {
    this.now = now;
    this.rows.clear();
    this.dirtyIncarnations = new Set();
    this.dirtyDevices = new Map();
    this.dead = [];
    this.acks = [];
    this.dual.begin();
    trim(this.incarnations);
    trim(this.devices);
    for (const message of messages) this.take(message);
    return {
      rows: this.rows,
      received: [...this.dirtyIncarnations],
      devices: this.dirtyDevices,
      dead: this.dead,
      dual: this.dual.commit,
      acks: this.acks,
    };
  }

  /** What was taken in by the last step is not stored, or others write to the store as well: states are read anew. */
  forget(): void {
    this.incarnations.clear();
    this.dual.forget();
    this.devices.clear();
  }

  private take(message: Inbound): void {
    const device = message.identity ?? deviceOf(message.topic);
    if (device === undefined) return this.bury('', message, 'the topic names no device');
    const key = deviceKey(message.tenant, device);
    try {
      if (STATUS.test(message.topic)) this.status(key, message);
      else if (isFrame(message.payload)) this.frame(key, device, message);
      else this.plain(key, message);
    } catch (error) {
      if (!(error instanceof LinnetError)) throw error;
      this.bury(key, message, error.message);
    }
  }

  private frame(key: string, device: string, message: Inbound): void {
    const frame = decodeFrame(message.payload, this.options.inflate);
    if (frame.device !== device) {
      throw new LinnetError('data.invalid', `frame of device ${frame.device} from ${device}`);
    }
    const incarnation = this.incarnation(key, frame.incarnation);
    const known = { gaps: incarnation.state.gaps, duplicates: incarnation.state.duplicates };
    const verdict = incarnation.state.take(frame);
    const about = this.device(key);
    about.gaps += incarnation.state.gaps - known.gaps;
    about.duplicates += incarnation.state.duplicates - known.duplicates;
    about.incarnation = frame.incarnation;
    about.clockOffsetMs = frame.sentAt - this.now;
    this.dirtyIncarnations.add(incarnation);
    if (verdict.refused) about.refused++;
    else for (const record of verdict.fresh) this.record(key, message, frame, record, incarnation.id, about);
    this.acks.push({ tenant: message.tenant, device, bytes: encodeAck(ackOf(frame, verdict, this.now)) });
  }

  private record(
    key: string,
    message: Inbound,
    frame: Frame,
    record: FrameRecord,
    incarnation: number,
    about: DeviceState,
  ): void {
    const { rows } = this;
    if (this.gatewayMessage(key, message, frame, record, about)) return;
    const { time, believed } = eventTime(frame, record, this.now, this.options.clockToleranceMs);
    rows.add(key, time);
    rows.set('_received', this.now);
    rows.set('_incarnation', incarnation);
    rows.set('_sequence', record.sequence);
    if (!frame.live) rows.set('_backlog', 1);
    if (record.at !== time) rows.set('_device_time', record.at);
    if (record.score !== undefined) rows.set('_device_score', record.score);
    about.stored++;
    if (!frame.live) about.backlog++;
    if (!believed) about.clockWrong++;
    else if (frame.live) about.lastTime = Math.max(about.lastTime, time);
    try {
      fieldsOf(record.payload, rows);
    } catch (error) {
      if (!(error instanceof LinnetError)) throw error;
      // It counts as stored: the device must not send it again for ever.
      this.bury(key, { ...message, payload: record.payload }, error.message);
    }
  }

  /** Whether a record is a message of dual prediction, which gives rows of its own. */
  private gatewayMessage(
    key: string,
    message: Inbound,
    { device }: Frame,
    { payload }: FrameRecord,
    about: DeviceState,
  ): boolean {
    if (!isDual(payload)) return false;
    about.stored++;
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

  private plain(key: string, message: Inbound): void {
    this.rows.add(key, this.now);
    try {
      fieldsOf(message.payload, this.rows);
    } catch (error) {
      this.rows.undo();
      throw error;
    }
    this.rows.set('_received', this.now);
    this.device(key).stored++;
  }

  private status(key: string, { payload }: Inbound): void {
    const status = fieldsObject(payload);
    const about = this.device(key);
    if (typeof status['online'] === 'boolean') about.online = status['online'];
    if (typeof status['pending'] === 'number') about.pending = status['pending'];
    const dropped = status['dropped'];
    if (typeof dropped === 'object' && dropped !== null) {
      about.dropped = Object.values(dropped).reduce<number>((sum, n) => sum + (Number(n) || 0), 0);
    }
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

  private device(key: string): DeviceState {
    let known = this.devices.get(key);
    if (known === undefined) {
      known = this.store.device(key) ?? newDevice(this.now);
      this.devices.set(key, known);
    }
    known.lastSeen = this.now;
    this.dirtyDevices.set(key, known);
    return known;
  }
}

/** The level after the first, by the scheme that the access rules know (`tele/%u/#`). */
function deviceOf(topic: string): string | undefined {
  const device = topic.split('/', 2)[1];
  return device !== undefined && isDevice(device) ? device : undefined;
}

/** Forgets what was read first; a state that is needed again comes from the store. */
function trim(cache: Map<string, unknown>): void {
  let excess = cache.size - CACHED_MAX;
  for (const key of cache.keys()) {
    if (excess-- <= 0) break;
    cache.delete(key);
  }
}
