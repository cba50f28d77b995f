import type { Batch } from '../batch.ts';
import type { MarkSteps } from '../block.ts';
import type { Counts, Operator, StepContext } from '../operator.ts';
import type { Timeliness } from '../timeliness.ts';

/** A record whose stamp cannot be believed; it moves no watermark. */
export interface Quarantined<T> {
  readonly value: T;
  /** `invalid`: no time at all. `unset`: 1970 or before, a clock that was never set. `future`: ahead of processing time. */
  readonly reason: 'invalid' | 'unset' | 'future';
}

/** A clock that starts at 0 when it has no battery counts through this year. */
const YEAR_1971 = 31_536_000_000;

/** Reads each record's event time. The second port is for stamps that cannot be believed. */
export class EventTimeOperator implements Operator {
  /** A block without records tells `idle` too: after a restart nothing else does until records come. */
  readonly eager = true;
  private readonly read: (item: unknown) => number;
  private readonly timeliness: Timeliness;
  private quarantined = 0;

  constructor(read: (item: unknown) => number, timeliness: Timeliness) {
    this.read = read;
    this.timeliness = timeliness;
  }

  run([input]: readonly [Batch], context: StepContext): Batch[] {
    const { latenessMs, idleMs, maxFutureMs } = this.timeliness;
    const { items } = input;
    const times = new Float64Array(items.length);
    const marks = new Float64Array(items.length);
    const kept = new Int32Array(items.length);
    const bad = new Int32Array(items.length);
    const quarantine: Quarantined<unknown>[] = [];
    const latest = context.block.now + maxFutureMs;
    const steps: number[] | undefined = context.block.share && [];
    let [count, mark] = [0, -Infinity];
    for (let i = 0; i < items.length; i++) {
      context.at = i;
      const time = this.read(items[i]);
      // Written so that NaN is none of the good ones.
      if (time >= YEAR_1971 && time <= latest) {
        times[i] = time;
        if (time - latenessMs > mark) {
          mark = time - latenessMs;
          steps?.push(input.ranks?.[0]?.[i] ?? i, mark);
        }
        marks[i] = mark;
        kept[count++] = i;
      } else {
        bad[quarantine.length] = i;
        quarantine.push({ value: items[i], reason: reasonOf(time, latest) });
      }
    }
    this.quarantined += quarantine.length;
    // Another step may have read the event time of other records of this block: the partition is as far as the furthest.
    context.mark = {
      mark: Math.max(mark, context.mark.mark),
      idleMs: Math.min(idleMs, context.mark.idleMs),
    };
    context.steps = steps && markSteps(steps);
    const timed = input.with({ times, marks }).select(kept, count);
    return [timed, input.pick(bad, quarantine.length, quarantine)];
  }

  counts(): Counts {
    return { quarantined: this.quarantined };
  }
}

/** @param pairs of rank and mark */
function markSteps(pairs: readonly number[]): MarkSteps {
  const ranks = new Int32Array(pairs.length / 2);
  const marks = new Float64Array(pairs.length / 2);
  for (let i = 0; i < ranks.length; i++) {
    ranks[i] = pairs[2 * i] as number;
    marks[i] = pairs[2 * i + 1] as number;
  }
  return { ranks, marks };
}

function reasonOf(time: number, latest: number): Quarantined<unknown>['reason'] {
  if (Number.isNaN(time)) return 'invalid';
  return time > latest ? 'future' : 'unset';
}

/** Gives each record the processing time at which its block was read, and moves the watermark with it: nothing is ever late. */
export class ProcessingTimeOperator implements Operator {
  readonly eager = true;

  run([input]: readonly [Batch], context: StepContext): Batch[] {
    const { now } = context.block;
    // No partition can hold back another: it is idle as soon as it is silent.
    context.mark = { mark: now, idleMs: 0 };
    const times = new Float64Array(input.length).fill(now);
    return [input.with({ times, marks: times })];
  }
}
