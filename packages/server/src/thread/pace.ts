/**
 * How fast backlog is taken in while readings of the present come too: it gets a share of the store's time. The share grows step by step
 * while what is new is durable soon after it came, and halves when it is not (additive increase, multiplicative decrease). Alone, backlog
 * has all the time there is.
 *
 * Two things follow from the share: how long the store rests after a transaction with backlog, and how long each device waits before it
 * sends its next frame. The second keeps the queue on the devices' disks, where it belongs. Time comes in as an argument, ms of any one clock.
 */
export interface Worked {
  /** How long the transaction took, ms. */
  readonly tookMs: number;
  /** Readings of backlog in it. */
  readonly backlog: number;
  /** How long the oldest message of the present in it had waited until it was durable, ms; undefined where there was none. */
  readonly presentWaitedMs: number | undefined;
}

/** What the next transaction may hold of backlog, and how long after this one. */
export interface Allowance {
  readonly restMs: number;
  readonly bytes: number;
}

/** Bytes of backlog frames in a transaction: some ten thousand readings alone; beside the present one frame of the largest, some milliseconds. */
const BYTES = { alone: 128 << 10, beside: 8 << 10 };
/** Before anything is known. */
export const backlogAtFirst: Allowance = { restMs: 0, bytes: BYTES.beside };
/** Nothing new for so long, and backlog is alone. */
const ALONE_AFTER_MS = 2000;
const SHARE = { least: 0.05, first: 0.1, most: 0.5, step: 0.02 };
/** Of the longest wait in a window of what is new beside backlog: below the first the share grows, above the second it halves. */
const WAIT_MS = { good: 10, bad: 25 };
const WINDOW_MS = 250;
/** A device that waits longer might as well be gone. */
const PAUSE_MAX_MS = 60_000;
/** Weight of the newest transaction in what a reading costs. */
const FRESH = 0.1;

export class Pace {
  private share = SHARE.first;
  private presentAt = -Infinity;
  private windowEnds = -Infinity;
  private worstMs = 0;
  private backlogUntil = -Infinity;
  private msPerReading = 0.01;
  /** Until when the store's time for backlog is given out. */
  private takenUntil = -Infinity;

  /** Part of the store's time that backlog has at `now`. */
  shareAt(now: number): number {
    return now - this.presentAt > ALONE_AFTER_MS ? 1 : this.share;
  }

  /** A transaction is durable. */
  worked({ tookMs, backlog, presentWaitedMs }: Worked, now: number): Allowance {
    if (backlog > 0) {
      const cost = tookMs / backlog;
      this.msPerReading += (cost - this.msPerReading) * FRESH;
      this.backlogUntil = now;
    }
    if (presentWaitedMs !== undefined) this.presentWaited(presentWaitedMs, now);
    const share = this.shareAt(now);
    if (share === 1) return { restMs: 0, bytes: BYTES.alone };
    return { restMs: backlog === 0 ? 0 : tookMs / share - tookMs, bytes: BYTES.beside };
  }

  /** A device's frame of so many readings was taken in. @returns how long it waits before the next one, whole ms */
  pauseMs(readings: number, now: number): number {
    const share = this.shareAt(now);
    if (share === 1) return 0;
    this.takenUntil = Math.max(this.takenUntil, now) + (readings * this.msPerReading) / share;
    return Math.min(PAUSE_MAX_MS, Math.round(this.takenUntil - now));
  }

  private presentWaited(ms: number, now: number): void {
    if (now - this.presentAt > ALONE_AFTER_MS) {
      this.share = SHARE.first;
      this.worstMs = 0;
      this.windowEnds = now + WINDOW_MS;
    }
    this.presentAt = now;
    // What waited while there was no backlog waited for something else: a slower drain would not help it.
    if (now - ms < this.backlogUntil) this.worstMs = Math.max(this.worstMs, ms);
    if (now < this.windowEnds) return;
    if (this.worstMs > WAIT_MS.bad) this.share = Math.max(SHARE.least, this.share / 2);
    else if (this.worstMs < WAIT_MS.good) this.share = Math.min(SHARE.most, this.share + SHARE.step);
    this.worstMs = 0;
    this.windowEnds = now + WINDOW_MS;
  }
}
