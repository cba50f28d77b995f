import { keyWatermark, observe, type KeyClock } from './key-clock.ts';
import type { StepContext } from './operator.ts';
import type { Timeliness } from './timeliness.ts';

/** The watermark that counts for a key: that of the stage, or its own. */
export class Lateness {
  private readonly byKey: boolean;
  private readonly latenessMs: number;

  constructor({ watermark, latenessMs }: Timeliness) {
    this.byKey = watermark === 'key';
    this.latenessMs = latenessMs;
  }

  /** The watermark at a record; a record before it is late. */
  at(clock: KeyClock, time: number, mark: number, { block, watermarks }: StepContext): number {
    return this.byKey ? observe(clock, time, this.latenessMs, block.now) : watermarks.at(mark);
  }

  /** The watermark of a key behind the block. */
  atEnd(clock: KeyClock, { block, watermarks }: StepContext): number {
    return block.last || !this.byKey ? watermarks.atEnd : keyWatermark(clock, block.now);
  }

  /** When a key whose watermark must reach `due` is to be looked at: that watermark, or by key a processing time. */
  whenDue({ at, base }: KeyClock, due: number): number {
    return !this.byKey || due === Infinity ? due : at + (due - base);
  }

  /** What `whenDue` is compared with behind the block. */
  reached({ block, watermarks }: StepContext): number {
    return this.byKey && !block.last ? block.now : watermarks.atEnd;
  }
}
