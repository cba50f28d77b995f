/** Detectors by name; loaded only where one is asked for. */
import { LinnetError } from '@linnet/core/base';
import type { Detector } from './by-field.ts';

export const detectorNames = ['zscore', 'half-space-trees'] as const;
export type DetectorName = (typeof detectorNames)[number];

/** @throws LinnetError `config.invalid` for a name that is none, or a threshold that no score passes */
export async function openDetector(name: DetectorName, threshold?: number): Promise<Detector> {
  switch (name) {
    case 'zscore':
      return (await import('./z-score.ts')).zScoreDetector(threshold);
    case 'half-space-trees':
      return (await import('./half-space.ts')).halfSpaceDetector(threshold);
    default:
      throw new LinnetError(
        'config.invalid',
        `detect: ${String(name)} is none of ${detectorNames.join(', ')}`,
      );
  }
}
