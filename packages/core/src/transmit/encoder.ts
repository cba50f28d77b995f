import { Chooser, shadowOf, type Candidate } from './chooser.ts';
import { Course, type Closed, type Due, type TooLarge } from './course.ts';
import type { Channels } from './cover.ts';
import { decodeState, encodeState } from './encoder-state.ts';
import { unitOf } from './fixed-point.ts';
import { BitWriter } from './message/bits.ts';
import { writeCover } from './message/cover-bits.ts';
import { checkLink, type LinkConfig } from './message/link.ts';
import {
  decodeModelNote,
  decodeNack,
  encodeAlert,
  encodeModelNote,
  openMessage,
  startMessage,
  writeDigest,
  writeSwitch,
  type Nack,
} from './message/messages.ts';
import { writeSnapshotHead } from './message/snapshot.ts';
import { noForecaster, type FindForecaster, type PredictorChoice } from './predict/choice.ts';
import { selfTest } from './predict/self-test.ts';
import { Resend } from './resend.ts';
import { Track } from './track.ts';

export type Message = Uint8Array<ArrayBuffer>;

/** `auto` lets the numbers choose. */
export type Choice = PredictorChoice | 'auto';

export interface EncoderOptions {
  /** 16 bits at random, another for each life of an encoder. */
  readonly session: number;
  readonly predictor: Choice;
  /** Models of this gateway: an `lstm` predictor is used once the cloud has the same model. */
  readonly find?: FindForecaster;
  /** Addresses of the models that are offered to the cloud. */
  readonly models?: readonly string[];
  /** What `auto` chooses from; left out, it runs every predictor beside the one in use. */
  readonly candidates?: readonly Candidate[];
  /** Messages kept to be sent again. */
  readonly keep?: number;
}

/** An anomaly of the instant that it is given with. */
export interface ChannelAlert {
  readonly channel: number;
  readonly score: number;
}

export interface EncoderCounts {
  data: number;
  heartbeats: number;
  alerts: number;
  /** Instants taken in. */
  instants: number;
  /** Values taken in. */
  readings: number;
}

const KEEP = 512;
const NOTHING: Message[] = [];
const AUTO = ['hold', 'linear', 'lms', 'derivative', 'autoregressive'] as const;
/** What a link begins with. */
const FIRST: PredictorChoice = { name: 'linear' };

/**
 * The gateway's side of a link: instants in, messages out. Sans-IO: keep `save()` before a message leaves, and a restart repeats the
 * messages to the bit.
 */
export class GatewayEncoder {
  readonly link: LinkConfig;
  readonly session: number;
  readonly counts: EncoderCounts = { data: 0, heartbeats: 0, alerts: 0, instants: 0, readings: 0 };
  /** Sequence of the last message, 0 before the first. */
  sequence = 0;
  readonly course: Course;
  readonly resend: Resend;
  private readonly options: EncoderOptions;
  private readonly find: FindForecaster;
  private readonly channels: Channels;
  private readonly scratch: Track;
  private readonly chooser: Chooser | undefined;

  /** @throws LinnetError `config.invalid` */
  constructor(link: LinkConfig, options: EncoderOptions) {
    this.link = checkLink(link);
    this.options = options;
    this.session = options.session;
    this.find = options.find ?? noForecaster;
    this.channels = channelsOf(link);
    const { predictor } = options;
    // An lstm begins when the cloud says that it has the model.
    const first = predictor === 'auto' || predictor.name === 'lstm' ? FIRST : predictor;
    this.scratch = new Track(this.channels.units, first, this.find);
    const track = new Track(this.channels.units, first, this.find);
    this.course = new Course(link, this.channels, track);
    this.resend = new Resend(options.keep ?? KEEP, 0, track.save());
    if (predictor !== 'auto') return;
    this.chooser = new Chooser();
    for (const candidate of options.candidates ?? AUTO.map((name) => this.shadow({ name }))) {
      this.chooser.add(candidate);
    }
  }

  /** All that a restart needs: as small as its messages and some hundred bytes a channel. */
  save(): Message {
    const { data, heartbeats, alerts, instants, readings } = this.counts;
    const { sequence, base, messages } = this.resend.save();
    return encodeState({
      link: this.link,
      session: this.session,
      sequence: this.sequence,
      counts: [data, heartbeats, alerts, instants, readings],
      track: this.course.track.save(),
      course: this.course.save(),
      base: { sequence, state: base },
      messages,
    });
  }

  /**
   * The encoder as it was saved; which predictor would be best is counted anew.
   * @throws LinnetError `snapshot.invalid`, `data.invalid`, `config.unknown` for a model that is not here
   */
  static restore(bytes: Uint8Array, options: Omit<EncoderOptions, 'session'>): GatewayEncoder {
    const state = decodeState(bytes);
    const encoder = new GatewayEncoder(state.link, { ...options, session: state.session });
    const [data = 0, heartbeats = 0, alerts = 0, instants = 0, readings = 0] = state.counts;
    Object.assign(encoder.counts, { data, heartbeats, alerts, instants, readings });
    encoder.sequence = state.sequence;
    encoder.course.track.restore(state.track);
    encoder.course.restore(state.course);
    encoder.resend.restore(state.base.sequence, state.base.state, state.messages);
    return encoder;
  }

  /** The last message again: a stop may have come before it was sent. */
  last(): Message[] {
    return this.resend.from(this.sequence);
  }

  /** The instant that the next `push` is about. */
  get tick(): number {
    return this.course.track.tick + 1 + this.course.pending;
  }

  /** To be sent at the start: which models this gateway would use, of those that foretell as many channels as it has. */
  offers(): Message[] {
    return (this.options.models ?? []).flatMap((model) => {
      const forecaster = this.find(model);
      if (forecaster?.channels !== this.link.channels.length) return [];
      const note = { session: this.session, model, selfTest: selfTest(forecaster), here: true };
      return [encodeModelNote('offer', note)];
    });
  }

  /**
   * Takes the next instant in.
   * @param values by channel, NaN for none
   * @param alerts anomalies among them, which go out at once
   * @returns messages to send, none for most instants
   * @throws LinnetError `data.invalid` for a value too large for its epsilon; nothing is taken in then
   */
  push(values: Float64Array, alerts: readonly ChannelAlert[] = []): Message[] {
    const { tick } = this;
    const due = this.course.step(values);
    this.chooser?.step(values);
    this.counts.instants++;
    let known = 0;
    for (let j = 0; j < values.length; j++) if (!Number.isNaN(values[j])) known++;
    this.counts.readings += known;
    if (due === undefined && alerts.length === 0) return NOTHING;
    // An anomaly before the first message: the cloud must first know whose it is.
    const messages = alerts.length > 0 && this.sequence === 0 ? [this.snapshot(0)] : [];
    for (const alert of alerts) messages.push(this.alert(tick, values[alert.channel] as number, alert));
    if (due !== undefined) messages.push(this.send(due));
    return messages;
  }

  /** Values that `push` would refuse. */
  tooLarge(values: Float64Array): TooLarge[] {
    return this.course.tooLarge(values);
  }

  /** Instants that were not observed, such as those of a stop. */
  skip(count: number): void {
    this.course.skip(count);
    this.chooser?.skip(count);
    this.counts.instants += count;
  }

  /** Covers what is open, at the end of a file or before a long stop. */
  flush(): Message[] {
    if (this.course.pending === 0) return [];
    return [this.send(this.course.save().from >= 0 ? 'data' : 'heartbeat')];
  }

  /**
   * Takes in what the cloud says.
   * @returns messages to send again
   * @throws LinnetError `data.invalid` for what is no message of a cloud
   */
  receive(bytes: Uint8Array): Message[] {
    const { header, reader } = openMessage(bytes);
    if (header.kind === 'ready') {
      const note = decodeModelNote(header, reader);
      if (note.session === this.session && note.here) this.ready(note.model, note.selfTest);
      return [];
    }
    if (header.kind !== 'nack') reader.fail(`of kind ${header.kind} is not for a gateway`);
    const nack = decodeNack(header, reader);
    return nack.session === this.session ? this.again(nack) : [];
  }

  /** A snapshot is sent where the cloud wants one, or where messages are gone; then all messages after it. */
  private again({ sequence, snapshot }: Nack): Message[] {
    const { resend } = this;
    const from = Math.max(1, sequence, resend.first);
    if (!snapshot && from === sequence) return resend.from(from);
    if (from > this.sequence + 1) return [];
    return [this.snapshot(from - 1), ...resend.from(from)];
  }

  /** The state after a message, alone. */
  private snapshot(sequence: number): Message {
    const state = this.resend.stateAfter(sequence, this.scratch);
    const out = startMessage({ kind: 'snapshot', session: this.session, sequence });
    writeDigest(out, this.scratch.digest(this.session));
    writeSnapshotHead(out, this.link, state);
    return out.u8(0).finish();
  }

  private ready(model: string, digest: number): void {
    const forecaster = this.find(model);
    if (forecaster?.channels !== this.link.channels.length || selfTest(forecaster) !== digest) return;
    const choice: PredictorChoice = { name: 'lstm', model };
    if (this.options.predictor === 'auto') {
      if (this.options.candidates === undefined) this.chooser?.add(this.shadow(choice));
    } else if (this.options.predictor.name === 'lstm' && this.course.track.choice.model !== model) {
      this.course.wanted = choice;
    }
  }

  private shadow(choice: PredictorChoice): Candidate {
    return shadowOf(choice, this.link, this.channels, this.find);
  }

  private alert(tick: number, value: number, { channel, score }: ChannelAlert): Message {
    this.counts.alerts++;
    const alert = { session: this.session, sequence: ++this.sequence, tick, channel, value, score };
    const bytes = encodeAlert(alert, this.course.track.digest(this.session));
    this.resend.push(this.sequence, bytes, this.scratch);
    return bytes;
  }

  private send(due: Due): Message {
    const { course, session } = this;
    const { track } = course;
    if (this.chooser !== undefined) course.wanted = this.chooser.better(track.choice) ?? course.wanted;
    const first = this.sequence === 0;
    const before = first ? track.save() : undefined;
    const absent = track.absent.slice();
    const closed = course.close(due);
    this.sequence++;
    this.counts[due === 'data' ? 'data' : 'heartbeats']++;
    const kind = before === undefined ? due : 'snapshot';
    const out = startMessage({ kind, session, sequence: this.sequence });
    writeDigest(out, track.digest(session));
    if (before !== undefined) {
      writeSnapshotHead(out, this.link, before);
      out.u8(1);
    }
    const bytes = out.raw(coverBits(closed, absent)).finish();
    this.resend.push(this.sequence, bytes, this.scratch);
    return bytes;
  }
}

function coverBits({ cover, next }: Closed, absent: Int32Array): Uint8Array {
  const bits = new BitWriter();
  writeSwitch(bits, next);
  writeCover(bits, cover, absent);
  return bits.finish();
}

export function channelsOf({ channels }: LinkConfig): Channels {
  return {
    units: Float64Array.from(channels, ({ epsilon }) => unitOf(epsilon)),
    epsilons: Float64Array.from(channels, ({ epsilon }) => epsilon),
  };
}
