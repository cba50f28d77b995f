import { LinnetError } from '@linnet/core/base';
import type { LstmModel } from '@linnet/core/lstm';
import { Deviations } from './deviations.ts';
import type { Detector } from './detector.ts';
import { Windows } from './windows.ts';

export interface DetectorOptions {
  /**
   * What is an anomaly, which goes out at once with its raw value: a value more than so many deviations from its recent mean, or
   * a window that a trained LSTM cannot put together again.
   */
  readonly detect?: number | LstmModel;
  /** How far a stored value may be off, by the measure's name. */
  readonly epsilons: Readonly<Record<string, number>>;
  readonly everyMs: number;
  readonly onTrouble?: (message: string) => void;
}

/** @throws LinnetError `config.invalid` for a model beside several measures, or one of rows that are another time apart */
export function openDetector({
  detect,
  epsilons,
  everyMs,
  onTrouble,
}: DetectorOptions): Detector | undefined {
  if (detect === undefined) return undefined;
  if (typeof detect === 'number') return new Deviations(detect);
  const [measure = '', ...more] = Object.keys(epsilons);
  if (more.length > 0) {
    throw new LinnetError(
      'config.invalid',
      `a model that detects knows one measure, and there is an epsilon for ${[measure, ...more].join(', ')}`,
    );
  }
  return new Windows(detect, { measure, everyMs, ...(onTrouble !== undefined && { onTrouble }) });
}
