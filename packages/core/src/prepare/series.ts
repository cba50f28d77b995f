import { LinnetError } from '../base/error.ts';
import { BinMeans } from './bin-means.ts';

/** Evenly spaced values of several sensors, a column each; what is missing is NaN. */
export interface Series {
  /** Epoch milliseconds, `everyMs` apart. */
  readonly times: Float64Array;
  readonly sensors: readonly string[];
  readonly columns: readonly Float64Array[];
}

/**
 * Collects readings of any number of sensors, in any order, into means over intervals. 12 bytes a sensor and interval.
 */
export class SeriesBuilder {
  private readonly everyMs: number;
  private readonly from: number;
  private readonly to: number;
  private readonly bins = new Map<string, BinMeans>();

  /** @param limits readings before `from` or from `to` on are left out; without them the readings set the limits */
  constructor(everyMs: number, limits: { from?: number; to?: number } = {}) {
    if (!(everyMs > 0)) throw new LinnetError('config.invalid', `resample: ${everyMs} ms is not above 0`);
    this.everyMs = everyMs;
    this.from = limits.from ?? -Infinity;
    this.to = limits.to ?? Infinity;
    if (this.from >= this.to) throw new LinnetError('config.invalid', 'from is not before to');
  }

  /** Takes a reading; one outside of the limits, or without a value, still makes its sensor known. */
  add(sensor: string, time: number, value: number): void {
    let bins = this.bins.get(sensor);
    if (bins === undefined) this.bins.set(sensor, (bins = new BinMeans(this.everyMs)));
    if (time >= this.from && time < this.to && !Number.isNaN(value)) bins.add(time, value);
  }

  /**
   * @param dropEmpty leaves out sensors without any value
   * @throws LinnetError `data.empty` when no reading lies within the limits
   */
  finish({ dropEmpty = false } = {}): Series {
    const filled = [...this.bins.values()].filter((bins) => !Number.isNaN(bins.end));
    if (filled.length === 0) throw new LinnetError('data.empty', 'no reading lies within the limits of time');
    const first = Number.isFinite(this.from)
      ? Math.floor(this.from / this.everyMs)
      : Math.min(...filled.map((bins) => bins.start));
    const end = Number.isFinite(this.to)
      ? Math.ceil(this.to / this.everyMs)
      : Math.max(...filled.map((bins) => bins.end));
    const kept = [...this.bins]
      .filter(([, bins]) => !dropEmpty || !Number.isNaN(bins.end))
      .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    return {
      times: Float64Array.from({ length: end - first }, (_, i) => (first + i) * this.everyMs),
      sensors: kept.map(([sensor]) => sensor),
      columns: kept.map(([, bins]) =>
        Float64Array.from({ length: end - first }, (_, i) => bins.mean(first + i)),
      ),
    };
  }
}
