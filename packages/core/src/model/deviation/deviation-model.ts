import type { OnlineModel } from '../../base/model.ts';
import { isMissing } from '../../math/missing.ts';
import { bytesOf, restoreInto, snapshotOf, type Remembering } from '../../math/statistic.ts';
import type { Reference } from './reference.ts';

const VERSION = 1;

export interface DeviationOptions {
  readonly name: string;
  /** The parameters, which a snapshot must share. */
  readonly identity: string;
  readonly references: readonly Reference[];
  /** Values of a feature before it scores above 0. */
  readonly grace: number;
  /** The least spread that is believed. */
  readonly spreadMin: number;
  /** A score for a distance from the centre in spreads; must grow with it. */
  score(deviation: number): number;
}

/** Scores a vector by the feature that lies farthest from its own centre, in its own spreads. */
export class DeviationModel implements OnlineModel {
  private readonly options: DeviationOptions;
  private readonly count: Float64Array;
  private readonly parts: readonly Remembering[];

  constructor(options: DeviationOptions) {
    this.options = options;
    this.count = new Float64Array(options.references.length);
    this.parts = [{ state: [this.count] }, ...options.references];
  }

  get bytes(): number {
    return bytesOf(this.parts);
  }

  get ready(): boolean {
    return this.count.some((n) => n >= this.options.grace);
  }

  scoreOne(x: ArrayLike<number>): number {
    const { references, grace, spreadMin } = this.options;
    let farthest = NaN;
    for (let i = 0; i < references.length; i++) {
      const value = x[i] as number;
      if (isMissing(value)) continue;
      const { center, spread } = references[i] as Reference;
      const scale = Math.max(spread, spreadMin);
      const known = (this.count[i] as number) >= grace && scale > 0;
      const deviation = known ? Math.abs(value - center) / scale : 0;
      if (!(deviation <= farthest)) farthest = deviation;
    }
    return this.options.score(farthest);
  }

  learnOne(x: ArrayLike<number>): void {
    const { references } = this.options;
    for (let i = 0; i < references.length; i++) {
      const value = x[i] as number;
      if (isMissing(value)) continue;
      (references[i] as Reference).update(value);
      this.count[i] = (this.count[i] as number) + 1;
    }
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return snapshotOf(this.options.name, VERSION, this.options.identity, this.parts);
  }

  restore(bytes: Uint8Array): void {
    restoreInto(bytes, this.options.name, VERSION, this.options.identity, this.parts);
  }
}

/** A grace that the window can never fill would leave the model unready for ever. */
export function graceBeyond(name: string, grace: number, window: number): string | undefined {
  if (grace <= window) return undefined;
  return `${name}.grace: ${grace} readings are never reached in a window of ${window}`;
}
