import { EwVariance } from '@linnet/core';

/** Weight of the newest value, and values before anything is judged. */
const FADING = 0.02;
const WARM = 50;

/** How many recent standard deviations a value is from the recent mean of its channel. */
export class Deviations {
  private readonly channels = new Map<string, { readonly recent: EwVariance; count: number }>();

  /** The score of a value, which it then learns; 0 until it has seen enough. */
  score(channel: string, value: number): number {
    let known = this.channels.get(channel);
    if (known === undefined)
      this.channels.set(channel, (known = { recent: new EwVariance(FADING), count: 0 }));
    const { recent } = known;
    const spread = Math.sqrt(Math.max(recent.value, 1e-12));
    const score = known.count < WARM ? 0 : Math.abs(value - recent.mean.value) / spread;
    recent.update(value);
    known.count++;
    return score;
  }
}
