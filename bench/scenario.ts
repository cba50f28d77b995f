/** What a file bench/*.bench.ts exports as `scenarios`; README.md says how to add one. */

export interface Scenario {
  /** Never changes its meaning: figures of other days are found by it. */
  readonly id: string;
  /** `s`, `ms`, `MB`: less is better; a rate (`events/s`) or a part (`x`): more is. */
  readonly unit: string;
  /** Where the unit does not tell. */
  readonly better?: 'higher' | 'lower';
  /** What it must reach: a figure in `unit`, or so many times the peer's. */
  readonly target?: number | { readonly timesPeer: number };
  readonly peer?: ScriptPeer | LocalPeer;
  /** Measured rounds; the median counts. Default 5. */
  readonly rounds?: number;
  /** Rounds before them that do not count. Default 1; none where `fresh`. */
  readonly warmup?: number;
  /** Each round in a process of its own, for what memory or start-up must be measured of. All rounds share one if not given. */
  readonly fresh?: boolean;
  /** Makes what the rounds need, untimed, in the scenario's own process. */
  prepare(): Round | Promise<Round>;
  /** Lines to print under the row, asked for after the rounds: what one figure does not tell. */
  notes?(): string;
}

/** Measures once: a figure in the scenario's unit. */
export type Round = () => number | Promise<number>;

/** Another library, measured by a script of bench/peers that prints one line of JSON: `{ FIGURE: [number, …], … }`. */
export interface ScriptPeer {
  /** Library and version. */
  readonly name: string;
  /** Its figure on two cores, for those who do not run it. */
  readonly recorded: number;
  /** File name in bench/peers. Without one the recorded figure always stands. */
  readonly script?: string;
  /** The name of this figure in the script's output. Default: the scenario's id. */
  readonly figure?: string;
  /** File name in bench/peers of what pip must install. Default `requirements.txt`. */
  readonly requirements?: string;
}

/** A limit that can be measured beside the scenario without any other software; rounds take turns with its own. */
export interface LocalPeer {
  readonly name: string;
  prepare(): Round | Promise<Round>;
}

/** The rounds of a scenario or a peer. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

export function figureOf(values: readonly number[]): Figure {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new Error(`a figure needs finite numbers, not ${JSON.stringify(values)}`);
  }
  const sorted = values.toSorted((a, b) => a - b);
  const at = (place: number) => sorted[place] as number;
  const half = sorted.length / 2;
  const median = (at(Math.ceil(half) - 1) + at(Math.floor(half))) / 2;
  return { median, min: at(0), max: at(sorted.length - 1), rounds: sorted.length };
}

export function isBetterHigher({ better, unit }: Scenario): boolean {
  return better === undefined ? unit === 'x' || unit.endsWith('/s') : better === 'higher';
}
