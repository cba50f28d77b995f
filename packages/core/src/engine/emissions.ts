import { AFTER, Batch, type Key } from './batch.ts';

interface Emission {
  readonly slot: number;
  readonly key: Key;
  readonly label: string;
  readonly time: number;
  readonly item: unknown;
}

/**
 * What a step gives because time passed, not because of one record: it comes behind every record of the block, ordered by key
 * and then in the order in which it was added, the same on any number of workers.
 */
export class Emissions {
  private list: Emission[] = [];

  add(slot: number, key: Key, time: number, item: unknown): void {
    this.list.push({ slot, key, label: String(key), time, item });
  }

  take(): Batch {
    const { list } = this;
    if (list.length === 0) return new Batch([]);
    this.list = [];
    list.sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
    return new Batch(
      list.map(({ item }) => item),
      {
        ranks: [new Int32Array(list.length).fill(AFTER), Int32Array.from(list, (_, i) => i)],
        labels: list.map(({ label }) => label),
        keys: list.map(({ key }) => key),
        slots: Int32Array.from(list, ({ slot }) => slot),
        times: Float64Array.from(list, ({ time }) => time),
        marks: new Float64Array(list.length).fill(-Infinity),
      },
    );
  }
}
