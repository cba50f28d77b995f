/** Keeps the distance between event times, divided by a factor, between the moments at which records are sent. */
export class Pace {
  private readonly factor: number;
  private firstTime = NaN;
  private firstNow = 0;

  constructor(factor: number) {
    this.factor = factor;
  }

  /**
   * @param time event time in epoch milliseconds; NaN is sent at once
   * @param now the clock, in milliseconds
   * @returns how long to wait before the record is sent
   */
  waitMs(time: number, now: number): number {
    if (Number.isNaN(time)) return 0;
    if (Number.isNaN(this.firstTime)) {
      this.firstTime = time;
      this.firstNow = now;
    }
    return Math.max(0, this.firstNow + (time - this.firstTime) / this.factor - now);
  }
}
