/**
 * The sender as a state machine: `step(event, now)` gives the effects to carry out. Clock, chance, log and socket are ports, so that the
 * simulator drives this very code.
 *
 * A window of many frames is under way at once. A frame stays on disk until the server's own acknowledgement; the broker's PUBACK only frees its
 * packet id. Whenever something is lost a new *round* begins: all that is on disk is backlog again, from the oldest.
 */
import type { IPublishPacket, Packet } from 'mqtt-packet';
import { decodeAck, encodeFrame, isAck, type FrameRecord, type Run } from '@linnet/core/wire';
import { backoffMs } from './backoff.ts';
import { Flights } from './flights.ts';
import { Lanes, type Batch, type LaneLimits } from './lanes.ts';
import type { Effect, Now, SenderEvent, SenderOptions, SenderStore } from './ports.ts';
import { connectPacket, readConnack, reasonText, subscriptionFailure } from './session.ts';
import type { Limits, MqttVersion } from './session.ts';
import { Window } from './window.ts';

export type * from './ports.ts';

const LANES: LaneLimits = { recordsMax: 1000, bytesMax: 48 << 10, liveBytesMax: 256 << 10 };
const WINDOW_FRAMES = 64;
/** Below this nothing is worth compressing without a dictionary. */
const DEFLATE_BYTES_MIN = 256;
const FRAME_HEAD_BYTES = 512;
const HANDSHAKE_MS = 20_000;
const STUCK_MS = 30_000;
/** A connection that ends so soon after its first message ends because of it. */
const HUNG_UP_MS = 1000;
/** A connection that held this long was no failed try. */
const STABLE_MS = 60_000;
/** A connection on which that many waits for the server ran out in a row is made anew: its subscription may be gone. */
const TIMEOUTS_MAX = 4;
const PAUSE = { baseMs: 200, maxMs: 30_000 };
/** A server may ask for a pause of the backlog; it never has to wait for longer. */
const BACKLOG_PAUSE_MAX_MS = 120_000;

type Phase = 'offline' | 'connecting' | 'greeting' | 'subscribing' | 'ready' | 'stopped';

export class Sender {
  /** Readings sent, each time counted. */
  sent = 0;
  connects = 0;
  /** Frames that the broker or the server refused. */
  refused = 0;
  lastError: string | undefined;
  /** Server's clock minus the device's, ms, as of the last acknowledgement. */
  clockOffsetMs: number | undefined;
  private readonly store: SenderStore;
  private readonly options: SenderOptions;
  private readonly lanes: Lanes;
  private readonly flights = new Flights();
  private readonly window = new Window(WINDOW_FRAMES, LANES.bytesMax);
  private effects: Effect[] = [];
  private now: Now = { mono: 0, wall: 0 };
  private phase: Phase = 'offline';
  private version: MqttVersion;
  private versionProven: boolean;
  private limits: Limits | undefined;
  /** The newest that the server has said it reads, on this connection. */
  private frameVersion: 1 | 2 = 1;
  private round = 0;
  private lastStored: number;
  private attempt = 0;
  private timeouts = 0;
  private pauses = 0;
  /** Live readings go now: their time came, or an anomaly is among them. */
  private flushing = false;
  private readyAt = Infinity;
  /** Times at which something is due, monotonic ms; Infinity is never. */
  private readonly due = {
    connect: 0,
    handshake: Infinity,
    ping: Infinity,
    pong: Infinity,
    resume: Infinity,
    backlog: Infinity,
    flush: Infinity,
    status: Infinity,
    stuck: Infinity,
  };

  constructor(store: SenderStore, options: SenderOptions) {
    this.store = store;
    this.options = options;
    this.lanes = new Lanes(store, LANES);
    this.version = options.mqtt === 'auto' ? 5 : options.mqtt;
    this.versionProven = options.mqtt !== 'auto';
    this.lastStored = store.bootFirst - 1;
  }

  get connected(): boolean {
    return this.phase === 'ready';
  }

  /** MQTT version of the connection. */
  get mqttVersion(): MqttVersion {
    return this.version;
  }

  /** When `step` wants a wake event, monotonic ms. */
  get wakeAt(): number {
    return Math.min(this.ackDueAt(), ...Object.values(this.due));
  }

  step(event: SenderEvent, now: Now): Effect[] {
    this.now = now;
    this.effects = [];
    if (this.phase !== 'stopped') {
      this.take(event);
      this.timers();
      this.pump();
    }
    return this.effects;
  }

  private take(event: SenderEvent): void {
    switch (event.kind) {
      case 'opened':
        this.opened();
        break;
      case 'packet':
        this.packet(event.packet);
        break;
      case 'closed':
        this.closed(event.why);
        break;
      case 'stored':
        this.stored(event.records);
        break;
      case 'stop':
        this.stop();
        break;
      case 'wake':
    }
  }

  private opened(): void {
    if (this.phase !== 'connecting') return;
    this.phase = 'greeting';
    this.send(connectPacket(this.options, this.version));
  }

  private packet(packet: Packet): void {
    this.due.pong = Infinity;
    switch (packet.cmd) {
      case 'connack':
        return this.connack(packet);
      case 'suback': {
        const failure = subscriptionFailure(packet);
        if (failure !== undefined) return this.fail(`broker refuses the acknowledgement topic: ${failure}`);
        return this.phase === 'subscribing' ? this.ready() : undefined;
      }
      case 'puback':
        return this.puback(packet.messageId ?? 0, packet.reasonCode ?? 0);
      case 'publish':
        return this.message(packet);
      case 'disconnect':
        return this.fail(`broker disconnects: ${reasonText(packet.reasonCode ?? 0)}`);
      default:
    }
  }

  private connack(packet: Packet & { cmd: 'connack' }): void {
    if (this.phase !== 'greeting') return;
    const answer = readConnack(packet, this.version, this.options.keepAliveSeconds);
    if (answer.kind === 'version' && this.options.mqtt === 'auto' && this.version === 5) {
      this.version = 4;
      this.versionProven = true;
      this.attempt = -1;
      return this.fail('broker speaks no MQTT 5: falling back to 3.1.1');
    }
    if (answer.kind === 'version') return this.fail('broker does not speak this version of MQTT');
    if (answer.kind === 'refused') {
      if (answer.lasting) this.attempt += 3;
      return this.fail(`broker refuses the connection: ${answer.why}`);
    }
    this.versionProven = true;
    this.limits = answer.limits;
    this.connects++;
    // A session that the broker kept has the subscription; asking again costs a round trip before the first frame only without one.
    this.phase = 'subscribing';
    this.send({
      cmd: 'subscribe',
      messageId: this.flights.nextId(),
      subscriptions: [{ topic: this.options.topics.acks, qos: 1 }],
    });
    if (answer.limits.sessionPresent) this.ready();
  }

  private ready(): void {
    const { due, now } = this;
    this.phase = 'ready';
    this.readyAt = now.mono;
    due.handshake = Infinity;
    due.status = now.mono;
    due.ping = this.nextPing();
    this.timeouts = 0;
    this.frameVersion = 1;
    this.window.reset();
    this.newRound();
  }

  private puback(packetId: number, reasonCode: number): void {
    this.flights.answered(packetId, this.now.mono);
    if (reasonCode < 0x80) return;
    this.refused++;
    this.lastError = `broker refuses a frame: ${reasonText(reasonCode)}`;
    this.pause();
  }

  private message(packet: IPublishPacket & { messageId?: number }): void {
    if (packet.qos === 1 && packet.messageId !== undefined) {
      this.send({ cmd: 'puback', messageId: packet.messageId });
    }
    if (packet.topic !== this.options.topics.acks) return;
    const bytes = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    if (this.options.onCommand !== undefined && !isAck(bytes)) return this.options.onCommand(bytes);
    try {
      const ack = decodeAck(bytes);
      if (ack.incarnation !== this.options.incarnation) return;
      if (ack.pauseMs !== undefined) this.frameVersion = 2;
      this.clockOffsetMs = ack.receivedAt - this.now.wall;
      if (ack.refused) {
        this.refused++;
        if (ack.round === this.round) this.pause();
      } else {
        this.acknowledged(ack.runs);
        if (ack.pauseMs !== undefined && ack.pauseMs > 0) this.pauseBacklog(ack.pauseMs);
      }
    } catch (error) {
      this.lastError = (error as Error).message;
    }
  }

  private acknowledged(runs: readonly Run[]): void {
    this.store.ack(runs);
    for (const { live, sentAt, recordedAt } of this.flights.ack(runs)) {
      this.window.onAck(live, sentAt, this.now.mono);
      for (const mono of recordedAt) this.options.onStored?.(Math.max(0, this.now.mono - mono));
      this.timeouts = 0;
      this.pauses = 0;
      this.attempt = 0;
    }
  }

  private stored(records: readonly FrameRecord[]): void {
    const last = records.at(-1);
    if (last === undefined) return;
    this.lastStored = last.sequence;
    if (this.phase !== 'ready') return;
    this.lanes.push(records);
    this.flushing ||= this.options.sendEveryMs === 0 || records.some((record) => record.score !== undefined);
    if (this.due.flush === Infinity && !this.flushing)
      this.due.flush = this.now.mono + this.options.sendEveryMs;
  }

  private closed(why: string | undefined): void {
    if (this.phase === 'offline') return;
    // A broker that knows no MQTT 5 may simply hang up on it.
    if (this.phase === 'greeting' && !this.versionProven) this.version = this.version === 5 ? 4 : 5;
    if (why !== undefined) this.lastError = this.hungUp(why);
    if (this.now.mono - this.readyAt > STABLE_MS) this.attempt = 0;
    this.readyAt = Infinity;
    this.phase = 'offline';
    this.limits = undefined;
    this.flights.clear(true);
    for (const name of Object.keys(this.due) as (keyof typeof this.due)[]) this.due[name] = Infinity;
    this.due.connect = this.now.mono + backoffMs(Math.max(0, this.attempt), this.options.random());
    if (this.attempt < 0) this.due.connect = this.now.mono;
    this.attempt++;
  }

  /** MQTT 3.1.1 has no words for a topic that is not allowed: a broker just hangs up on its first message. */
  private hungUp(why: string): string {
    const at = this.now.mono - this.readyAt;
    return this.version === 4 && at >= 0 && at < HUNG_UP_MS
      ? `${why} at the first message: may this device publish to ${this.options.topics.data} and ${this.options.topics.status}?`
      : why;
  }

  private fail(why: string): void {
    this.effects.push({ kind: 'close' });
    this.closed(why);
  }

  private stop(): void {
    if (this.phase === 'ready') {
      this.publishStatus(true);
      this.send({ cmd: 'disconnect', ...(this.version === 5 && { reasonCode: 0 }) });
    }
    this.effects.push({ kind: 'close' });
    this.phase = 'stopped';
    for (const name of Object.keys(this.due) as (keyof typeof this.due)[]) this.due[name] = Infinity;
    this.flights.clear(true);
  }

  private timers(): void {
    const { due, now } = this;
    if (this.phase === 'offline' && now.mono >= due.connect) {
      due.connect = Infinity;
      due.handshake = now.mono + HANDSHAKE_MS;
      this.phase = 'connecting';
      this.effects.push({ kind: 'connect', version: this.version });
    }
    if (now.mono >= due.handshake) return this.fail('broker does not answer');
    if (now.mono >= due.pong) return this.fail('broker is silent');
    if (this.phase !== 'ready') return;
    if (now.mono >= this.ackDueAt() && !this.lost()) return;
    if (now.mono >= due.resume || now.mono >= due.stuck) this.newRound();
    if (now.mono >= due.backlog) due.backlog = Infinity;
    if (now.mono >= due.flush) {
      due.flush = Infinity;
      this.flushing = true;
    }
    if (now.mono >= due.status) this.publishStatus(false);
    if (now.mono >= due.ping) {
      this.send({ cmd: 'pingreq' });
      due.pong = now.mono + Math.max(5000, this.keepAliveMs / 2);
    }
  }

  /** The server did not answer in time. Returns whether the connection is kept. */
  private lost(): boolean {
    this.timeouts++;
    this.window.onTimeout();
    if (this.timeouts % TIMEOUTS_MAX === 0) {
      this.fail('no acknowledgement from the server');
      return false;
    }
    this.lastError = 'no acknowledgement from the server';
    this.newRound();
    return true;
  }

  private pauseBacklog(ms: number): void {
    this.due.backlog = this.now.mono + Math.min(ms, BACKLOG_PAUSE_MAX_MS);
    this.window.onPause();
  }

  /** Stops sending for a while, then begins a new round. */
  private pause(): void {
    if (this.due.resume !== Infinity) return;
    const { baseMs, maxMs } = PAUSE;
    this.due.resume = this.now.mono + backoffMs(this.pauses++, this.options.random(), baseMs, maxMs);
  }

  private newRound(): void {
    const bytesMax = Math.min(
      LANES.bytesMax,
      (this.limits?.maximumPacketSize ?? Infinity) - FRAME_HEAD_BYTES,
    );
    this.round++;
    this.flights.clear(false);
    this.lanes.restart(this.lastStored, { ...LANES, bytesMax });
    this.due.resume = Infinity;
    this.due.flush = Infinity;
    this.due.stuck = Infinity;
    this.flushing = false;
  }

  private pump(): void {
    if (this.phase !== 'ready' || this.due.resume !== Infinity) return;
    for (let batch = this.nextBatch(); batch !== undefined; batch = this.nextBatch()) this.sendFrame(batch);
    const idle = this.flights.count === 0 && this.lanes.liveWaiting === 0 && this.store.pending > 0;
    if (!idle || this.due.backlog !== Infinity) this.due.stuck = Infinity;
    else if (this.due.stuck === Infinity) this.due.stuck = this.now.mono + STUCK_MS;
  }

  private nextBatch(): Batch | undefined {
    const { flights, window, limits } = this;
    const probing = this.timeouts > 0;
    const most = probing ? 1 : Math.min(WINDOW_FRAMES, limits?.receiveMaximum ?? 1);
    if (flights.count >= most || flights.unansweredCount >= (limits?.receiveMaximum ?? 1)) return undefined;
    if (this.flushing) {
      const live = this.lanes.nextLive();
      if (live !== undefined) return live;
      this.flushing = false;
    }
    if (this.due.backlog !== Infinity) return undefined;
    // The last places are kept for live readings.
    const backlogMost = Math.min(window.frames, probing ? 1 : Math.max(1, most - Math.ceil(most / 4)));
    return flights.backlogCount < backlogMost
      ? this.lanes.nextBacklog((sequence) => flights.has(sequence), window.bytes)
      : undefined;
  }

  private sendFrame({ live, prev, records }: Batch): void {
    const { options, store, now } = this;
    const bytes = records.reduce((sum, record) => sum + record.payload.length, 0);
    const frame = {
      device: options.device,
      incarnation: options.incarnation,
      live,
      urgent: live && records.some((record) => record.score !== undefined),
      floor: Math.min(store.floor, records[0]?.sequence ?? Infinity),
      prev,
      round: this.round,
      bootFirst: store.bootFirst,
      sentAt: now.wall,
      sentMono: Math.max(0, Math.round(now.mono)),
      records,
    };
    const version = bytes < DEFLATE_BYTES_MIN ? this.frameVersion : 1;
    const worth = bytes >= DEFLATE_BYTES_MIN || version === 2;
    const payload = Buffer.from(encodeFrame(frame, worth ? options.deflate : undefined, version));
    if (
      payload.length + FRAME_HEAD_BYTES > (this.limits?.maximumPacketSize ?? Infinity) &&
      records.length === 1
    ) {
      store.reject(records);
      return;
    }
    const qos = this.limits?.qos ?? 1;
    const messageId = this.flights.nextId();
    this.flights.add(messageId, qos, live, records, now.mono);
    this.sent += records.length;
    this.send({
      cmd: 'publish',
      topic: options.topics.data,
      payload,
      qos,
      messageId,
      dup: false,
      retain: false,
    });
  }

  private publishStatus(leaving: boolean): void {
    const { device, incarnation, topics, statusEveryMs } = this.options;
    const status = {
      device,
      incarnation,
      online: !leaving,
      clean: leaving,
      waits: true,
      ...this.options.status(),
    };
    const payload = Buffer.from(JSON.stringify(status));
    this.due.status = this.now.mono + statusEveryMs;
    this.send({ cmd: 'publish', topic: topics.status, payload, qos: 0, dup: false, retain: false });
  }

  private send(packet: Packet): void {
    this.effects.push({ kind: 'send', packet });
    if (this.phase === 'ready') this.due.ping = this.nextPing();
  }

  private ackDueAt(): number {
    if (this.phase !== 'ready' || this.due.resume !== Infinity) return Infinity;
    const wait = Math.min(this.window.timeoutMs * 2 ** Math.min(this.timeouts, 6), 300_000);
    return this.flights.dueAt(wait, wait * 10);
  }

  private get keepAliveMs(): number {
    return (this.limits?.keepAliveSeconds ?? this.options.keepAliveSeconds) * 1000;
  }

  private nextPing(): number {
    return this.keepAliveMs === 0 ? Infinity : this.now.mono + this.keepAliveMs * 0.75;
  }
}
