import type { Series } from '@linnet/core';
import { STATUS, STATUSES, type Covered } from '@linnet/core/transmit';

export interface Verdict {
  /** Largest distance of a stored value from the real one, and the same as a part of its epsilon. */
  readonly maxError: number;
  readonly maxPart: number;
  /** Readings by how the cloud came by them. */
  readonly measured: number;
  readonly backfilled: number;
  readonly predicted: number;
  /** What the cloud stored, a column a sensor; NaN for missing. */
  readonly stored: readonly Float64Array[];
}

/** Compares what the cloud stored with what was measured, by nothing but the series. */
export class Judge {
  private readonly columns: readonly Float64Array[];
  private readonly epsilons: readonly number[];
  private readonly stored: readonly Float64Array[];
  private readonly byStatus = new Float64Array(STATUSES.length);
  private next = 0;
  private maxError = 0;
  private maxPart = 0;

  constructor({ columns }: Series, epsilons: readonly number[]) {
    this.columns = columns;
    this.epsilons = epsilons;
    this.stored = columns.map((column) => new Float64Array(column.length).fill(Number.NaN));
  }

  /** @throws Error when a value is not what it must be: a defect of Linnet, never of the data */
  take({ firstTick, count, values, status }: Covered): void {
    if (firstTick !== this.next) throw broken(`the cloud has instants up to ${this.next}, then ${firstTick}`);
    this.next += count;
    const width = this.columns.length;
    for (let j = 0; j < width; j++) {
      const [column, stored] = [this.columns[j] as Float64Array, this.stored[j] as Float64Array];
      const epsilon = this.epsilons[j] as number;
      let most = 0;
      for (let row = 0, i = j; row < count; row++, i += width) {
        const [value, real, state] = [
          values[i] as number,
          column[firstTick + row] as number,
          status[i] as number,
        ];
        this.byStatus[state] = (this.byStatus[state] as number) + 1;
        if (Number.isNaN(real)) {
          if (Number.isNaN(value) && state === STATUS.missing) continue;
          throw broken(`instant ${firstTick + row} was missing, and the cloud has ${value}`);
        }
        const error = Math.abs(value - real);
        if (!(error <= epsilon) || state < STATUS.predicted) {
          throw broken(
            `instant ${firstTick + row} is stored as ${value}, was ${real}, may be off by ${epsilon}`,
          );
        }
        if (error > most) most = error;
        stored[firstTick + row] = value;
      }
      this.maxError = Math.max(this.maxError, most);
      this.maxPart = Math.max(this.maxPart, most / epsilon);
    }
  }

  /** @throws Error when an instant is missing */
  verdict(): Verdict {
    const { length } = this.columns[0] as Float64Array;
    if (this.next !== length) throw broken(`the cloud has ${this.next} of ${length} instants`);
    const { maxError, maxPart, stored, byStatus } = this;
    return {
      maxError,
      maxPart,
      stored,
      measured: byStatus[STATUS.measured] as number,
      backfilled: byStatus[STATUS.backfilled] as number,
      predicted: byStatus[STATUS.predicted] as number,
    };
  }
}

function broken(why: string): Error {
  return new Error(`dual prediction is broken: ${why}`);
}
