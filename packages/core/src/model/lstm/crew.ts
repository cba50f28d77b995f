/**
 * Threads that work on one memory in step. All take part in every `meet`; the first one gives the orders.
 *
 * A meeting spins briefly before it sleeps: a training step has two, some hundred microseconds apart.
 */
import type { Share } from './network.ts';

const ARRIVED = 0;
const ROUND = 1;
export const ORDER = 2;
export const CONTROL_WORDS = 16;

const SPINS = 20_000;

export class Crew {
  readonly share: Share;
  private readonly control: Int32Array<SharedArrayBuffer>;

  constructor(control: Int32Array<SharedArrayBuffer>, share: Share) {
    this.control = control;
    this.share = share;
  }

  /** Returns when every thread of the crew has called it as often as this one. */
  meet(): void {
    const { control } = this;
    if (this.share.of === 1) return;
    const round = Atomics.load(control, ROUND);
    if (Atomics.add(control, ARRIVED, 1) === this.share.of - 1) {
      Atomics.store(control, ARRIVED, 0);
      Atomics.add(control, ROUND, 1);
      Atomics.notify(control, ROUND);
      return;
    }
    for (let spin = 0; Atomics.load(control, ROUND) === round; spin++) {
      if (spin > SPINS) Atomics.wait(control, ROUND, round);
    }
  }
}
