import { LinnetError } from '../base/error.ts';
import type { ByteReader } from '../wire/bytes.ts';
import { applyMessage } from './apply.ts';
import { STATUS, statusOf, valuesOf, type Covered } from './covered.ts';
import { channelsOf } from './encoder.ts';
import { BitReader } from './message/bits.ts';
import type { LinkConfig } from './message/link.ts';
import {
  decodeAlert,
  encodeNack,
  openMessage,
  readDigest,
  type Header,
  type LinkAlert,
} from './message/messages.ts';
import { readSnapshotHead } from './message/snapshot.ts';
import { nameOf, type FindForecaster } from './predict/choice.ts';
import { Track, type TrackState } from './track.ts';

/** Messages that wait for one before them; what comes beyond is left to be sent again. */
const HELD_MAX = 4096;
/** Calls of the host between two questions for the same, at most. */
const PAUSE_MAX = 64;
/** Instants that are foretold beyond the last message. */
const PROVISIONAL_MAX = 4096;

export interface Received {
  /** Instants that are final now, in order. */
  readonly covered: Covered[];
  readonly alerts: (LinkAlert & { readonly link: LinkConfig })[];
  /** Messages for the gateway. */
  readonly replies: Uint8Array<ArrayBuffer>[];
  /** Why something was refused. */
  readonly problems: string[];
}

/** The cloud's side of one encoder's life. */
export class Session {
  readonly id: number;
  link: LinkConfig | undefined;
  track: Track | undefined;
  /** Sequence of the next message. */
  expected = 1;
  /** The state is not the gateway's: only a snapshot helps. */
  broken = false;
  readonly held = new Map<number, Uint8Array>();
  /** Sequences of alerts that were given out ahead of their turn. */
  readonly told = new Set<number>();
  duplicates = 0;
  /** The sequence that was asked for and has not come, 0 for none. */
  private asked = 0;
  /** Calls until the next question, and from that to the one after. */
  private pause = 1;
  private pauseNext = 1;
  private readonly find: FindForecaster;
  /** The state before the message at hand. */
  private before: TrackState | undefined;

  constructor(id: number, find: FindForecaster) {
    this.id = id;
    this.find = find;
  }

  receive(header: Header, reader: ByteReader, bytes: Uint8Array, out: Received): void {
    const { sequence, kind } = header;
    // The gateway is there: what is missing is worth a question soon.
    this.pause = this.pauseNext = 1;
    if (kind === 'snapshot') {
      this.snapshot(sequence, reader, out);
    } else if (this.track !== undefined && sequence < this.expected) {
      this.duplicates++;
      return;
    } else if (this.held.has(sequence)) {
      this.duplicates++;
    } else if (this.held.size < HELD_MAX) {
      this.held.set(sequence, bytes.slice());
    }
    this.tellAlerts(out);
    this.drain(out);
    if (!this.waits) {
      this.asked = 0;
    } else if (this.asked !== this.expected) {
      this.nack(out);
    }
  }

  /** Asks for what is missing; on messages once, then whenever the host says: answers must not make more questions. */
  nack(out: Received): void {
    this.asked = this.expected;
    const snapshot = this.track === undefined || this.broken;
    out.replies.push(encodeNack({ session: this.id, sequence: this.expected, snapshot }));
  }

  /** The same on the host's call, less and less often while nothing comes. */
  retry(out: Received): void {
    if (!this.waits || --this.pause > 0) return;
    this.pauseNext = Math.min(PAUSE_MAX, this.pauseNext * 2);
    this.pause = this.pauseNext;
    this.nack(out);
  }

  /** Whether something is known to be missing. */
  get waits(): boolean {
    return this.broken || this.track === undefined || this.held.size > 0;
  }

  /** What is foretold from the last message up to a time. */
  provisional(nowMs: number): Covered | undefined {
    const { link, track } = this;
    if (link === undefined || track === undefined || this.broken) return undefined;
    const until = Math.floor((nowMs - link.startMs) / link.everyMs);
    const count = Math.min(until - track.tick, PROVISIONAL_MAX);
    if (!(count > 0)) return undefined;
    const channels = track.units.length;
    const rows = new Int32Array(count * channels);
    for (let row = 0; row < count; row++) track.predict(row + 1, rows, row * channels);
    const values = valuesOf(rows, track.units);
    const status = Uint8Array.from(values, (value) =>
      Number.isNaN(value) ? STATUS.missing : STATUS.provisional,
    );
    const [sequence, source] = [this.expected - 1, nameOf(track.choice)];
    return { link, session: this.id, sequence, source, firstTick: track.tick + 1, count, values, status };
  }

  private snapshot(sequence: number, reader: ByteReader, out: Received): void {
    const digest = readDigest(reader);
    const { link, state, covers } = readSnapshotHead(reader);
    // With a cover it is a message like others; without, it brings news only where the state is behind or broken.
    const news = covers
      ? sequence >= this.expected
      : sequence >= this.expected || (this.broken && sequence === this.expected - 1);
    if (this.track !== undefined && !news) {
      this.duplicates++;
      return;
    }
    const track = new Track(channelsOf(link).units, state.choice, this.find);
    track.restore(state);
    const bits = new BitReader(reader.raw(reader.left));
    const applied = covers ? applyMessage(track, bits) : undefined;
    if (track.digest(this.id) !== digest) {
      throw new LinnetError('data.invalid', 'snapshot does not give the state that it says');
    }
    const lost = this.track === undefined ? 0 : state.tick - this.track.tick;
    if (lost > 0) out.covered.push(this.lost(link, (this.track as Track).tick + 1, lost, sequence));
    this.link = link;
    this.track = track;
    this.expected = sequence + 1;
    this.broken = false;
    if (applied !== undefined) this.cover(applied, sequence, out);
  }

  /** Instants whose messages are gone. */
  private lost(link: LinkConfig, firstTick: number, count: number, sequence: number): Covered {
    const cells = count * link.channels.length;
    const values = new Float64Array(cells).fill(Number.NaN);
    return {
      link,
      session: this.id,
      sequence,
      source: 'lost',
      firstTick,
      count,
      values,
      status: new Uint8Array(cells),
    };
  }

  /** An anomaly does not wait for the messages before it. */
  private tellAlerts(out: Received): void {
    const { link } = this;
    if (link === undefined) return;
    for (const [sequence, bytes] of this.held) {
      const { header, reader } = openMessage(bytes);
      if (header.kind !== 'alert' || this.told.has(sequence)) continue;
      out.alerts.push({ ...decodeAlert(header, reader), link });
      this.told.add(sequence);
    }
  }

  private drain(out: Received): void {
    for (const sequence of this.held.keys()) {
      if (this.track === undefined || sequence >= this.expected) continue;
      this.held.delete(sequence);
      this.told.delete(sequence);
    }
    while (this.track !== undefined && !this.broken) {
      const sequence = this.expected;
      const bytes = this.held.get(sequence);
      if (bytes === undefined) return;
      this.held.delete(sequence);
      this.told.delete(sequence);
      if (this.apply(bytes, this.track, sequence, out)) this.expected++;
      else this.broken = true;
    }
  }

  /** @returns false when this side's state is not the gateway's, or bytes make no sense */
  private apply(bytes: Uint8Array, track: Track, sequence: number, out: Received): boolean {
    const before = track.save(this.before);
    this.before = before;
    try {
      const { header, reader } = openMessage(bytes);
      const digest = readDigest(reader);
      const applied =
        header.kind === 'alert' ? undefined : applyMessage(track, new BitReader(reader.raw(reader.left)));
      if (track.digest(this.id) === digest) {
        if (applied !== undefined) this.cover(applied, sequence, out);
        return true;
      }
      out.problems.push(`session ${this.id}: message ${sequence} does not lead to the gateway's state`);
    } catch (error) {
      if (!(error instanceof LinnetError)) throw error;
      out.problems.push(`session ${this.id}: message ${sequence}: ${error.message}`);
    }
    track.restore(before);
    return false;
  }

  private cover(applied: ReturnType<typeof applyMessage>, sequence: number, out: Received): void {
    const track = this.track as Track;
    const { count } = applied.cover;
    out.covered.push({
      link: this.link as LinkConfig,
      session: this.id,
      sequence,
      source: applied.source,
      firstTick: track.tick - count + 1,
      count,
      values: valuesOf(applied.rows, track.units),
      status: statusOf(applied),
    });
  }
}
