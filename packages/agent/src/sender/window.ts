/**
 * How many backlog frames may be under way. Grows while acknowledgements come as fast as at best, halves when they get slower, so that a
 * slow link's queue stays short and a live reading behind it waits about a second, not minutes (delay-based, after TCP Vegas).
 */
const QUEUE_MS = 1000;
const FIRST = 4;

export class Window {
  private readonly max: number;
  private size = FIRST;
  private bestMs = Infinity;
  private smoothMs = 0;
  private shrunkAt = -Infinity;

  constructor(max: number) {
    this.max = max;
  }

  get frames(): number {
    return Math.max(1, Math.min(Math.floor(this.size), this.max));
  }

  /** Wait this long for an acknowledgement before the frame counts as lost. */
  get timeoutMs(): number {
    return Math.min(Math.max(5000, this.smoothMs * 4), 60_000);
  }

  onAck(sentAt: number, now: number): void {
    const took = now - sentAt;
    this.bestMs = Math.min(this.bestMs, took);
    this.smoothMs = this.smoothMs === 0 ? took : this.smoothMs * 0.8 + took * 0.2;
    if (took > this.bestMs + QUEUE_MS) {
      // Once a round trip: frames that queued together say the same thing.
      if (sentAt > this.shrunkAt) this.size = Math.max(1, this.size / 2);
      this.shrunkAt = now;
    } else {
      this.size = Math.min(this.max, this.size + 1);
    }
  }

  /** One frame at a time until an acknowledgement comes. */
  onTimeout(): void {
    this.size = 1;
  }

  /** A new connection may go over another link. */
  reset(): void {
    this.size = FIRST;
    this.bestMs = Infinity;
    this.smoothMs = 0;
    this.shrunkAt = -Infinity;
  }
}
