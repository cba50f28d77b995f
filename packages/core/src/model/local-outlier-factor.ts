import { defineComponent } from '../base/component.ts';
import type { OnlineModel } from '../base/model.ts';
import { integer, names } from '../base/param.ts';
import { isMissing } from '../math/missing.ts';
import { restoreInto, snapshotOf } from '../math/statistic.ts';

const NAME = 'local-outlier-factor';
const VERSION = 1;
/** Keeps a density finite where a point coincides with its neighbours (scikit-learn's constant). */
const TINY = 1e-10;

interface Params {
  readonly features: readonly string[];
  readonly neighbors: number;
  readonly window: number;
}

/**
 * Local outlier factor: how thinly a reading's neighbourhood is populated, compared with its neighbours' own neighbourhoods.
 *
 * Use it where several kinds of normal lie at different densities, such as day and night. Do not use it at high rates: a score
 * searches the window for the reading, its neighbours and theirs. Scale the features first (`standardScaler`).
 *
 * Score: about 1 among readings as dense as the neighbourhood, above 1 outside; `ready` once the window holds more than
 * `neighbors` readings. Distances need whole vectors: where a feature is missing (NaN, infinity) the vector is not learned and
 * scores NaN, so impute first. Cost: up to neighbors² searches of the window; state 8 bytes a feature and reading of the window.
 *
 * River 0.26.1 `anomaly.LocalOutlierFactor` with exact search, equal to the bit; Breunig, Kriegel, Ng and Sander, 2000.
 *
 * @example
 * const model = localOutlierFactor({ features: ['x'] }).create();
 * for (const x of [0.5, 0.45, 0.43, 0.44, 0.445, 0.45]) model.learnOne([x]);
 * model.scoreOne([0]) > 5; // true
 */
export const localOutlierFactor = defineComponent({
  name: NAME,
  stage: 'model',
  summary: 'density around a reading compared with the densities around its neighbours',
  source: 'River 0.26.1 anomaly.LocalOutlierFactor; Breunig, Kriegel, Ng and Sander, 2000',
  params: {
    features: names({ summary: 'features that make the distance' }),
    neighbors: integer({ summary: 'readings that make a neighbourhood', default: 10, min: 1, max: 1000 }),
    window: integer({ summary: 'last readings to compare with', default: 1000, min: 2, max: 1e5 }),
  },
  features: ({ features }) => features,
  create: (params): OnlineModel => new LocalOutlierFactor(params),
});

/** Readings of the window by age, nearest first, and their distances. */
interface Neighbourhood {
  readonly at: readonly number[];
  readonly distances: readonly number[];
}

class LocalOutlierFactor implements OnlineModel {
  private readonly params: Params;
  private readonly columns: number;
  private readonly ring: Float64Array;
  /** Number of readings held, and where the next one goes. */
  private readonly position = new Float64Array(2);

  constructor(params: Params) {
    this.params = params;
    this.columns = params.features.length;
    this.ring = new Float64Array(params.window * this.columns);
  }

  get bytes(): number {
    return this.ring.byteLength + this.position.byteLength;
  }

  get ready(): boolean {
    return (this.position[0] as number) > this.params.neighbors;
  }

  scoreOne(x: ArrayLike<number>): number {
    if (this.lacksValue(x)) return NaN;
    const found = this.search(x, 0);
    // A reading that coincides with one of the window does not count against itself.
    const own = found.distances[0] === 0 ? withoutFirst(found) : first(found, this.params.neighbors);
    if (own.at.length === 0) return 0;
    const known = new Map<number, Neighbourhood>();
    let neighbours = 0;
    for (const at of own.at) neighbours += this.density(this.neighbourhood(at, known), known);
    const score = neighbours / (own.at.length * this.density(own, known));
    return Number.isFinite(score) ? score : 0;
  }

  learnOne(x: ArrayLike<number>): void {
    if (this.lacksValue(x)) return;
    const { ring, position, columns } = this;
    const { window } = this.params;
    const next = position[1] as number;
    for (let i = 0; i < columns; i++) ring[next * columns + i] = x[i] as number;
    position[0] = Math.min(window, (position[0] as number) + 1);
    position[1] = (next + 1) % window;
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return snapshotOf(NAME, VERSION, JSON.stringify(this.params), [{ state: [this.position, this.ring] }]);
  }

  restore(bytes: Uint8Array): void {
    restoreInto(bytes, NAME, VERSION, JSON.stringify(this.params), [{ state: [this.position, this.ring] }]);
  }

  private lacksValue(x: ArrayLike<number>): boolean {
    for (let i = 0; i < this.columns; i++) if (isMissing(x[i] as number)) return true;
    return false;
  }

  /** Inverse of the mean reachability distance; a neighbour is reached no nearer than its own farthest neighbour. */
  private density({ at, distances }: Neighbourhood, known: Map<number, Neighbourhood>): number {
    if (at.length === 0) return Infinity;
    let total = 0;
    for (let i = 0; i < at.length; i++) {
      const farthest = this.neighbourhood(at[i] as number, known).distances.at(-1) ?? 0;
      total += Math.max(distances[i] as number, farthest);
    }
    return 1 / (total / at.length + TINY);
  }

  /** Of a reading of the window, without itself: the nearest, at a distance of 0. */
  private neighbourhood(at: number, known: Map<number, Neighbourhood>): Neighbourhood {
    let found = known.get(at);
    if (found === undefined) {
      found = withoutFirst(this.search(this.ring, this.slot(at) * this.columns));
      known.set(at, found);
    }
    return found;
  }

  /** The nearest `neighbors` + 1 readings of the window, the older of equally near ones first. */
  private search(x: ArrayLike<number>, from: number): Neighbourhood {
    const { ring, columns } = this;
    const room = this.params.neighbors + 1;
    const held = this.position[0] as number;
    const at: number[] = [];
    const distances: number[] = [];
    const oldest = this.slot(0);
    let farthest = Infinity;
    for (let i = 0, row = oldest * columns; i < held; i++, row += columns) {
      if (row === ring.length) row = 0;
      let sum = 0;
      for (let column = 0; column < columns; column++) {
        const difference = (x[from + column] as number) - (ring[row + column] as number);
        sum += difference * difference;
      }
      if (sum >= farthest) continue;
      const distance = Math.sqrt(sum);
      let rank = at.length;
      while (rank > 0 && distance < (distances[rank - 1] as number)) rank--;
      if (rank === room) continue;
      at.splice(rank, 0, i);
      distances.splice(rank, 0, distance);
      if (at.length < room) continue;
      at.length = room;
      distances.length = room;
      // A little beyond the square of the distance, so that rounding never skips a nearer reading.
      farthest = (distances[room - 1] as number) ** 2 * (1 + Number.EPSILON * 4);
    }
    return { at, distances };
  }

  /** Where the reading of an age is in the ring; 0 is the oldest. */
  private slot(age: number): number {
    const { window } = this.params;
    return this.position[0] === window ? ((this.position[1] as number) + age) % window : age;
  }
}

function first({ at, distances }: Neighbourhood, count: number): Neighbourhood {
  return { at: at.slice(0, count), distances: distances.slice(0, count) };
}

function withoutFirst({ at, distances }: Neighbourhood): Neighbourhood {
  return { at: at.slice(1), distances: distances.slice(1) };
}
