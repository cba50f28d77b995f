import { LinnetError } from '../base/error.ts';
import { planCover, type Channels, type Cover } from './cover.ts';
import { NONE, UNITS_MAX } from './fixed-point.ts';
import { fitAutoregression } from './predict/autoregressive.ts';
import type { PredictorChoice } from './predict/choice.ts';
import type { LinkConfig } from './message/link.ts';
import type { Track } from './track.ts';

export type Due = 'data' | 'heartbeat';

/** Instants of measured values that a model is fitted on, and after how many it is fitted again. */
const FIT_ROWS = 720;
const FIT_EVERY = 1440;
const FIT_FIRST = 180;

/** A message's content, and how the cloud will have it. */
export interface Closed {
  readonly cover: Cover;
  readonly rows: Int32Array;
  readonly foretold: Int32Array;
  /** The predictor that the message switches to. */
  readonly next: PredictorChoice | undefined;
}

/** A value that does not fit into a link's whole numbers. */
export interface TooLarge {
  readonly channel: number;
  /** The value, the channel's name, and what its epsilon allows, for people. */
  readonly what: string;
}

/** What a course holds beside its track. */
export interface CourseState {
  readonly values: Float64Array;
  readonly from: number;
  readonly timer: number;
  readonly violations: number;
}

/**
 * The sending rule. The first value that the cloud would foretell wrongly starts a timer; when it runs out one message covers everything
 * since the message before. A heartbeat goes out after a silence no shorter. So of any deadline + 1 instants in a row
 * at most one ends with a message.
 */
export class Course {
  readonly track: Track;
  readonly channels: Channels;
  /** The predictor to switch to with the next data message. */
  wanted: PredictorChoice | undefined;
  private readonly link: LinkConfig;
  /** Instants since the last message. */
  private count = 0;
  private values: Float64Array;
  private foretold: Int32Array;
  /** First row that some sensor's prediction missed, -1 for none. */
  private from = -1;
  /** Row at which the timer started, -1 while it stands. */
  private timer = -1;
  /** Instants in a row with a violation, the last included. */
  private violations = 0;
  /** For an autoregressive model: FIT_ROWS rows of before, and those since. */
  private readonly measured: Float64Array;
  private measuredRows = 0;

  constructor(link: LinkConfig, channels: Channels, track: Track) {
    const width = channels.units.length;
    this.link = link;
    this.channels = channels;
    this.track = track;
    this.values = new Float64Array(16 * width);
    this.foretold = new Int32Array(16 * width);
    this.measured = new Float64Array(track.choice.name === 'autoregressive' ? FIT_ROWS * width * 2 : 0);
  }

  /** Instants that no message covers yet. */
  get pending(): number {
    return this.count;
  }

  /**
   * Takes the next instant in.
   * @param values of every channel, NaN for none
   * @returns which message is due now: call `close`
   * @throws LinnetError `data.invalid` for a value too large for its epsilon; nothing is taken in then
   */
  step(values: Float64Array): Due | undefined {
    for (const { what } of this.tooLarge(values)) throw new LinnetError('data.invalid', `${what}: raise it`);
    this.learn(values);
    this.append(values);
    const { deadline, heartbeat, tolerance } = this.link;
    const row = this.count - 1;
    if (this.violates(row)) {
      this.violations++;
      if (this.from < 0) this.from = row;
      if (this.timer < 0 && this.violations > tolerance) this.timer = row;
    } else {
      this.violations = 0;
    }
    if (this.timer >= 0) return row - this.timer >= deadline ? 'data' : undefined;
    return this.count >= heartbeat ? 'heartbeat' : undefined;
  }

  /** Channels whose values do not fit into the link's whole numbers. */
  tooLarge(values: Float64Array): TooLarge[] {
    const found: TooLarge[] = [];
    this.channels.units.forEach((unit, channel) => {
      const limit = UNITS_MAX * unit;
      if (!(Math.abs(values[channel] as number) > limit)) return;
      const name = this.link.channels[channel]?.name;
      const what = `${values[channel]} of ${name} is too large for its epsilon, which allows ${limit}`;
      found.push({ channel, what });
    });
    return found;
  }

  /** Instants without any value, such as those of a stop: no message becomes due by them. */
  skip(count: number): void {
    const nothing = new Float64Array(this.channels.units.length).fill(Number.NaN);
    for (let i = 0; i < count; i++) this.append(nothing);
    if (count > 0) this.violations = 0;
  }

  /** Ends the span of instants since the last message, and moves the track on. */
  close(due: Due): Closed {
    const width = this.channels.units.length;
    const { count, track } = this;
    const values = this.values.subarray(0, count * width);
    const foretold = this.foretold.slice(0, count * width);
    const from = this.from < 0 ? count : this.from;
    const { cover, rows } = planCover({ values, foretold, count }, from, track.last, this.channels);
    const next = due === 'data' ? this.wanted : undefined;
    if (next !== undefined) this.wanted = undefined;
    track.settle({ rows, count, anchors: cover.anchors }, next);
    this.count = 0;
    this.from = -1;
    this.timer = -1;
    this.violations = 0;
    return { cover, rows, foretold, next };
  }

  save(): CourseState {
    const { from, timer, violations, values, count } = this;
    return { values: values.slice(0, count * this.channels.units.length), from, timer, violations };
  }

  restore({ values, from, timer, violations }: CourseState): void {
    const width = this.channels.units.length;
    for (let at = 0; at < values.length; at += width) this.append(values.subarray(at, at + width));
    this.from = from;
    this.timer = timer;
    this.violations = violations;
  }

  private append(values: Float64Array): void {
    const width = this.channels.units.length;
    const at = this.count * width;
    if (at === this.values.length) {
      const [more, foretold] = [new Float64Array(at * 2), new Int32Array(at * 2)];
      more.set(this.values);
      foretold.set(this.foretold);
      this.values = more;
      this.foretold = foretold;
    }
    this.values.set(values, at);
    this.count++;
    this.track.predict(this.count, this.foretold, at);
  }

  private violates(row: number): boolean {
    const { units, epsilons } = this.channels;
    const { values, foretold } = this;
    for (let j = 0, at = row * units.length; j < units.length; j++, at++) {
      const value = values[at] as number;
      if (Number.isNaN(value)) continue;
      const units_ = foretold[at] as number;
      if (units_ === NONE) return true;
      if (!(Math.abs(units_ * (units[j] as number) - value) <= (epsilons[j] as number))) return true;
    }
    return false;
  }

  /** Keeps what an autoregressive model is fitted on, and fits it from time to time. */
  private learn(values: Float64Array): void {
    const { measured } = this;
    const width = values.length;
    if (measured.length === 0) return;
    const row = this.measuredRows % FIT_ROWS;
    measured.set(values, (FIT_ROWS + row) * width);
    this.measuredRows++;
    if (this.measuredRows === FIT_FIRST || this.measuredRows % FIT_EVERY === 0) {
      const first = Math.max(FIT_ROWS - Math.min(this.measuredRows, FIT_ROWS) + row + 1, row + 1);
      this.fit(measured.subarray(first * width, (FIT_ROWS + row + 1) * width));
    }
    if (row === FIT_ROWS - 1) measured.copyWithin(0, FIT_ROWS * width);
  }

  private fit(known: Float64Array): void {
    this.wanted = { name: 'autoregressive', coefficients: fitAutoregression(known, this.channels.units) };
  }
}
