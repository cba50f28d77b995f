import type { Statistic } from './statistic.ts';

/** The latest value; NaN before the first. */
export class Last implements Statistic {
  readonly state: readonly Float64Array[];
  private readonly held = Float64Array.of(NaN);

  constructor() {
    this.state = [this.held];
  }

  get value(): number {
    return this.held[0] as number;
  }

  update(x: number): void {
    this.held[0] = x;
  }
}

/** The same value whatever comes. */
export class Constant implements Statistic {
  readonly state: readonly Float64Array[] = [];
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  update(): void {}
}
