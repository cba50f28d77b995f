/** The k nearest rows met so far, nearest first; of equally near ones those with the lower numbers. */
export class Nearest {
  readonly distances: Float64Array;
  readonly rows: Int32Array;
  count = 0;

  constructor(k: number) {
    this.distances = new Float64Array(k);
    this.rows = new Int32Array(k);
  }

  /** The distance beyond which a row cannot enter. */
  get worst(): number {
    const last = this.rows.length - 1;
    return this.count <= last ? Infinity : (this.distances[last] as number);
  }

  /** The number from which on a row at distance `worst` cannot enter. */
  get worstRow(): number {
    const last = this.rows.length - 1;
    return this.count <= last ? Infinity : (this.rows[last] as number);
  }

  /** @returns whether the row entered */
  offer(distance: number, row: number): boolean {
    const { distances, rows } = this;
    let at = this.count;
    if (at === rows.length) {
      const worst = distances[at - 1] as number;
      if (distance > worst || (distance === worst && row > (rows[at - 1] as number))) return false;
      at--;
    } else {
      this.count++;
    }
    for (; at > 0; at--) {
      const before = distances[at - 1] as number;
      if (before < distance || (before === distance && (rows[at - 1] as number) < row)) break;
      distances[at] = before;
      rows[at] = rows[at - 1] as number;
    }
    distances[at] = distance;
    rows[at] = row;
    return true;
  }
}
