import type { HistoryBatch } from '@linnet/connectors/history';

const ROWS_FIRST = 1024;

/** Readings of one commit as columns. The arrays are used again for the next commit, so nothing is allocated a reading. */
export class RowBuffer {
  rows = 0;
  private names: string[] = [];
  private readonly index = new Map<string, number>();
  private sensor = new Int32Array(ROWS_FIRST);
  private time = new Float64Array(ROWS_FIRST);
  private readonly columns = new Map<string, Float64Array>();

  /** Number of channels that rows of this commit have. */
  get channels(): number {
    return this.columns.size;
  }

  /** Begins a row; its channels are missing until they are set. */
  add(sensor: string, time: number): void {
    if (this.rows === this.time.length) this.grow();
    let at = this.index.get(sensor);
    if (at === undefined) {
      at = this.names.push(sensor) - 1;
      this.index.set(sensor, at);
    }
    this.sensor[this.rows] = at;
    this.time[this.rows] = time;
    this.rows++;
  }

  /** Sets a channel of the row begun last. */
  set(channel: string, value: number): void {
    let column = this.columns.get(channel);
    if (column === undefined) {
      column = new Float64Array(this.time.length).fill(Number.NaN);
      this.columns.set(channel, column);
    }
    column[this.rows - 1] = value;
  }

  /** Takes back the row begun last. */
  undo(): void {
    this.rows--;
    for (const column of this.columns.values()) column[this.rows] = Number.NaN;
  }

  /** Views of the rows; valid until `clear`. */
  batch(): HistoryBatch {
    const { rows } = this;
    const channels: Record<string, Float64Array> = Object.create(null) as Record<string, Float64Array>;
    for (const [name, column] of this.columns) channels[name] = column.subarray(0, rows);
    return {
      sensors: this.names,
      sensor: this.sensor.subarray(0, rows),
      time: this.time.subarray(0, rows),
      channels,
    };
  }

  clear(): void {
    this.names = [];
    this.index.clear();
    // A channel that one device sent once must not stay a column of every commit to come.
    this.columns.clear();
    this.rows = 0;
  }

  private grow(): void {
    const length = this.time.length * 2;
    const [sensor, time] = [new Int32Array(length), new Float64Array(length)];
    sensor.set(this.sensor);
    time.set(this.time);
    this.sensor = sensor;
    this.time = time;
    for (const [name, column] of this.columns) {
      const grown = new Float64Array(length).fill(Number.NaN);
      grown.set(column);
      this.columns.set(name, grown);
    }
  }
}
