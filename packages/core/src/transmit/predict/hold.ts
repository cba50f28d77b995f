import { NONE } from '../fixed-point.ts';
import type { Predictor, Span } from './predictor.ts';

/** The last value stands until the next message. State: 4 bytes a channel. */
export class Hold implements Predictor {
  readonly state: Int32Array;

  constructor(channels: number) {
    this.state = new Int32Array(channels).fill(NONE);
  }

  predict(_ahead: number, out: Int32Array, at: number): void {
    out.set(this.state, at);
  }

  settle({ rows, anchors }: Span): void {
    const channels = anchors.length;
    for (let j = 0; j < channels; j++) {
      const anchor = anchors[j] as number;
      if (anchor >= 0) this.state[j] = rows[anchor * channels + j] as number;
    }
  }
}
