/** Joins by plain loops over all records that were not late. */
import { isLeft, type LateForJoin, type Pair } from './flow.ts';
import { GAP_MS } from './scenario.ts';
import type { Delivered } from './source.ts';

export class Joins {
  readonly late: LateForJoin[] = [];
  private readonly lefts: Delivered[] = [];
  private readonly rights: Delivered[] = [];

  see(reading: Delivered, isLate: boolean): void {
    const { id } = reading;
    if (isLate) this.late.push({ join: 'near', id }, { join: 'as of', id });
    else (isLeft(reading) ? this.lefts : this.rights).push(reading);
  }

  /** Every pair, in no order. */
  pairs(): Pair[] {
    return this.lefts.flatMap((left) => {
      const rights = this.rights.filter(({ region }) => region === left.region);
      const near = rights.filter(({ time }) => Math.abs(time - left.time) <= GAP_MS);
      const before = rights.filter(({ time }) => time <= left.time).map(({ time }) => time);
      return [
        ...(near.length === 0 ? [null] : near.map(({ id }) => id)).map((right): Pair => ({
          join: 'near',
          left: left.id,
          right,
        })),
        { join: 'as of', left: left.id, right: before.length === 0 ? null : Math.max(...before) } as const,
      ];
    });
  }
}
