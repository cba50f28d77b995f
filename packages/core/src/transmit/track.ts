import { LinnetError } from '../base/error.ts';
import { digest } from './digest.ts';
import { NONE } from './fixed-point.ts';
import { makePredictor, PREDICTORS, type FindForecaster, type PredictorChoice } from './predict/choice.ts';
import type { Predictor, Span } from './predict/predictor.ts';

/** Rows that a predictor which is switched to begins with. */
const HISTORY = 32;
/** They are fed in such parts, so that it learns from one to the next. */
const PART = 8;

/** All numbers of a track, for a snapshot. */
export interface TrackState {
  readonly tick: number;
  readonly choice: PredictorChoice;
  readonly last: Int32Array;
  readonly absent: Int32Array;
  readonly history: Int32Array;
  readonly predictor: Int32Array;
}

/**
 * What both ends of a link hold and keep equal to the bit: the predictor, the last values and the latest rows as the cloud has them.
 * It changes with messages only; between them it foretells.
 */
export class Track {
  /** The last instant that a message covered, -1 before the first. */
  tick = -1;
  choice: PredictorChoice;
  readonly units: Float64Array;
  /** By channel its last value, NONE before the first. */
  readonly last: Int32Array;
  /** By channel 1 where it had no value at `tick`. */
  readonly absent: Int32Array;
  private predictor: Predictor;
  private readonly find: FindForecaster;
  /** Oldest row first; rows that never were are NONE. */
  private readonly history: Int32Array;

  constructor(units: Float64Array, choice: PredictorChoice, find: FindForecaster) {
    this.units = units;
    this.choice = choice;
    this.find = find;
    this.last = new Int32Array(units.length).fill(NONE);
    this.absent = new Int32Array(units.length).fill(1);
    this.history = new Int32Array(HISTORY * units.length).fill(NONE);
    this.predictor = makePredictor(choice, units, find);
  }

  /** See Predictor.predict. */
  predict(ahead: number, out: Int32Array, at: number): void {
    this.predictor.predict(ahead, out, at);
  }

  /**
   * Takes in what a message said.
   * @throws LinnetError `config.unknown` when `next` is a model that is not here; nothing has changed then
   */
  settle(span: Span, next?: PredictorChoice): void {
    const { rows, count, anchors } = span;
    const fresh = next === undefined ? undefined : makePredictor(next, this.units, this.find);
    const channels = anchors.length;
    this.tick += count;
    for (let j = 0; j < channels; j++) {
      const anchor = anchors[j] as number;
      if (anchor >= 0) this.last[j] = rows[anchor * channels + j] as number;
      this.absent[j] = anchor === count - 1 ? 0 : 1;
    }
    const kept = Math.min(count, HISTORY);
    this.history.copyWithin(0, kept * channels);
    this.history.set(rows.subarray((count - kept) * channels, count * channels), (HISTORY - kept) * channels);
    if (next === undefined || fresh === undefined) this.predictor.settle(span);
    else this.switchTo(next, fresh);
  }

  /** Of all that it holds and of `seed`: 24 bits. */
  digest(seed: number): number {
    let hash = digest(seed ^ PREDICTORS.indexOf(this.choice.name), this.predictor.state);
    hash = digest(hash ^ this.tick, this.last);
    return digest(digest(hash, this.absent), this.history) >>> 8;
  }

  /** @param into a state of this link whose arrays are written over */
  save(into?: TrackState): TrackState {
    const { tick, choice, last, absent, history } = this;
    const { state } = this.predictor;
    if (into === undefined || into.predictor.length !== state.length) {
      return {
        tick,
        choice,
        last: last.slice(),
        absent: absent.slice(),
        history: history.slice(),
        predictor: state.slice(),
      };
    }
    into.last.set(last);
    into.absent.set(absent);
    into.history.set(history);
    into.predictor.set(state);
    return { ...into, tick, choice };
  }

  /** @throws LinnetError `data.invalid` for a state of another link, `config.unknown` for a model that is not here */
  restore(state: TrackState): void {
    const predictor =
      state.choice === this.choice ? this.predictor : makePredictor(state.choice, this.units, this.find);
    const fits =
      state.last.length === this.last.length &&
      state.absent.length === this.absent.length &&
      state.history.length === this.history.length &&
      state.predictor.length === predictor.state.length;
    if (!fits) throw new LinnetError('data.invalid', 'a state does not fit its link');
    this.predictor = predictor;
    this.choice = state.choice;
    this.tick = state.tick;
    this.last.set(state.last);
    this.absent.set(state.absent);
    this.history.set(state.history);
    this.predictor.state.set(state.predictor);
  }

  /** The new predictor begins with the latest rows, part by part: in each, a channel's last value is taken for exact. */
  private switchTo(next: PredictorChoice, predictor: Predictor): void {
    const { history, units } = this;
    const channels = units.length;
    const anchors = new Int32Array(channels);
    for (let from = 0; from < HISTORY; from += PART) {
      const rows = history.subarray(from * channels, (from + PART) * channels);
      findAnchors(rows, PART, anchors);
      predictor.settle({ rows, count: PART, anchors });
    }
    this.predictor = predictor;
    this.choice = next;
  }
}

/** By channel the row of its last value, -1 for none. */
export function findAnchors(rows: Int32Array, count: number, anchors: Int32Array): void {
  const channels = anchors.length;
  for (let j = 0; j < channels; j++) {
    let row = count - 1;
    while (row >= 0 && rows[row * channels + j] === NONE) row--;
    anchors[j] = row;
  }
}
