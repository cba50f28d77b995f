import { EwVariance } from '@linnet/core';
import type { Anomaly, Detector } from './detector.ts';

/** Weight of the newest value, and values before anything is judged. */
const FADING = 0.02;
const WARM = 50;

/** Values that are more than so many recent standard deviations from the recent mean of their channel. */
export class Deviations implements Detector {
  private readonly channels = new Map<string, { readonly recent: EwVariance; count: number }>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  judge(_tick: number, means: ReadonlyMap<string, number>): Anomaly[] {
    const anomalies: Anomaly[] = [];
    for (const [channel, value] of means) {
      const score = this.score(channel, value);
      if (score > this.limit) anomalies.push({ channel, score });
    }
    return anomalies;
  }

  /** The score of a value, which it then learns; 0 until it has seen enough. */
  private score(channel: string, value: number): number {
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
