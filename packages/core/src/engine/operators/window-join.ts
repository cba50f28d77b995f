import type { Batch, Key } from '../batch.ts';
import type { Counts, KeyedState, Operator, StateCodec, StepContext } from '../operator.ts';
import { bothSides, type Side } from './sides.ts';
import { WindowOperator, type Fold, type Late, type WindowOptions, type WindowResult } from './window.ts';

/** Two records of the same key and window. */
export interface Pair<T, U> {
  readonly left: T;
  readonly right: U;
}

/** A record that came too late for a window of a join. */
export interface WindowJoinLate<K, T, U> extends Late<K, T | U> {
  readonly side: Side;
}

interface Sided {
  readonly side: Side;
  readonly item: unknown;
}

interface Gathered {
  readonly left: unknown[];
  readonly right: unknown[];
}

/** Every pair of records of a key that lie in the same window, when it is over. First port: pairs; second: late records. */
export class WindowJoinOperator implements Operator {
  readonly eager = true;
  readonly state: KeyedState;
  private readonly windows: WindowOperator;
  private readonly outer: boolean;
  private readonly tally = { joined: 0, unmatched: 0 };

  constructor(options: Omit<WindowOptions, 'fold' | 'ordered'>, outer: boolean, codec: StateCodec) {
    this.windows = new WindowOperator({ ...options, fold: gather, ordered: true }, codec);
    this.state = this.windows.state;
    this.outer = outer;
  }

  run([left, right]: readonly [Batch, Batch], context: StepContext): Batch[] {
    const { batch, sides } = bothSides(left, right);
    const sided = batch.items.map((item, i): Sided => ({ side: sides[i] === 0 ? 'left' : 'right', item }));
    const [closed, late] = this.windows.run([batch.withItems(sided)], context) as [Batch, Batch];
    return [this.pairsOf(closed), late.withItems(late.items.map(withoutSide))];
  }

  counts(): Counts {
    return { ...this.windows.counts(), ...this.tally };
  }

  private pairsOf(closed: Batch): Batch {
    const items: WindowResult<Key, Pair<unknown, unknown>>[] = [];
    const parents: number[] = [];
    closed.items.forEach((item, parent) => {
      const { key, window, value } = item as WindowResult<Key, Gathered>;
      const rights = value.right.length === 0 && this.outer ? [null] : value.right;
      for (const left of value.left) {
        for (const right of rights) {
          this.tally[right === null ? 'unmatched' : 'joined']++;
          items.push({ key, window, value: { left, right } });
          parents.push(parent);
        }
      }
    });
    const made = closed.pick(Int32Array.from(parents), items.length, items);
    return made.with({ ranks: [...made.explicitRanks(), Int32Array.from(parents, (_, i) => i)] });
  }
}

const gather: Fold = {
  initial: (): Gathered => ({ left: [], right: [] }),
  fold(value, record) {
    const { side, item } = record as Sided;
    (value as Gathered)[side].push(item);
    return value;
  },
};

function withoutSide(record: unknown): WindowJoinLate<Key, unknown, unknown> {
  const { value, ...late } = record as Late<Key, Sided>;
  return { ...late, side: value.side, value: value.item };
}
