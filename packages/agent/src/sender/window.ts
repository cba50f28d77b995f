/**
 * How many backlog frames may be under way, and how much each may hold. Both grow while acknowledgements come as fast as at best, and halve
 * when they get slower, so that a slow link's queue stays short and a live reading behind it waits about a second, not minutes (delay-based,
 * after TCP Vegas). The first frames are small: what a new link carries is not known before they are answered.
 */
/** Queue that is aimed at: below the first growing, above the second shrinking. */
const QUEUE_MS = { least: 250, most: 1000 };
const FIRST = 4;
const FIRST_BYTES = 1024;
const GROWTH = 1.25;

export class Window {
  private readonly max: number;
  private readonly bytesMax: number;
  private size = FIRST;
  private frameBytes = FIRST_BYTES;
  private bestMs = Infinity;
  private smoothMs = 0;
  private shrunkAt = -Infinity;

  /** @param bytesMax payload bytes of the largest frame */
  constructor(max: number, bytesMax: number) {
    this.max = max;
    this.bytesMax = bytesMax;
  }

  get frames(): number {
    return Math.max(1, Math.min(Math.floor(this.size), this.max));
  }

  /** Payload bytes that the next backlog frame may hold. */
  get bytes(): number {
    return Math.floor(this.frameBytes);
  }

  /** Wait this long for an acknowledgement before the frame counts as lost. */
  get timeoutMs(): number {
    return Math.min(Math.max(5000, this.smoothMs * 4), 60_000);
  }

  /** @param live a live frame: it tells of the link's queue, but not what more backlog would do to it */
  onAck(live: boolean, sentAt: number, now: number): void {
    const took = now - sentAt;
    this.bestMs = Math.min(this.bestMs, took);
    this.smoothMs = this.smoothMs === 0 ? took : this.smoothMs * 0.8 + took * 0.2;
    if (took > this.bestMs + QUEUE_MS.most) {
      // Once a round trip: frames that queued together say the same thing.
      if (sentAt > this.shrunkAt) {
        this.size = Math.max(1, this.size / 2);
        this.frameBytes = Math.max(FIRST_BYTES, this.frameBytes / 2);
      }
      this.shrunkAt = now;
    } else if (!live && took < this.bestMs + QUEUE_MS.least) {
      this.size = Math.min(this.max, this.size + 1);
      this.frameBytes = Math.min(this.bytesMax, this.frameBytes * GROWTH);
    }
  }

  /** One frame at a time until an acknowledgement comes. */
  onTimeout(): void {
    this.size = 1;
  }

  /** What is under way runs dry: after the pause a window at once would be a queue on a slow link. */
  onPause(): void {
    this.size = 1;
  }

  /** A new connection may go over another link. */
  reset(): void {
    this.size = FIRST;
    this.frameBytes = FIRST_BYTES;
    this.bestMs = Infinity;
    this.smoothMs = 0;
    this.shrunkAt = -Infinity;
  }
}
