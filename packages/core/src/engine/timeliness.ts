import { milliseconds } from '../base/duration.ts';
import { LinnetError } from '../base/error.ts';
import type { Duration } from '../base/duration.ts';

/** When a record is late, for every step after the one that reads event time. */
export interface Timeliness {
  /** `source`: the minimum over the source's partitions. `key`: each key's own clock. */
  readonly watermark: 'source' | 'key';
  readonly latenessMs: number;
  readonly idleMs: number;
  readonly maxFutureMs: number;
}

export interface TimelinessOptions {
  /**
   * Whose time decides that a record is late: `source` (the default), the least of all partitions of the sources, or `key`,
   * each key its own, so that the backlog of one device is not late because others went on.
   */
  readonly watermark?: 'source' | 'key';
  /** How far records may be out of order. Default 0. */
  readonly lateness?: Duration;
  /** After this long without records a partition holds nothing back. Default 1m. */
  readonly idle?: Duration;
  /** A stamp further ahead of processing time than this is quarantined. Default 1h. */
  readonly maxFuture?: Duration;
}

export function timeliness(options: TimelinessOptions, step: string): Timeliness {
  const { watermark = 'source', lateness = 0, idle = '1m', maxFuture = '1h' } = options;
  // For flows that nothing checked the types of.
  if (watermark !== 'source' && watermark !== 'key') {
    throw new LinnetError(
      'config.invalid',
      `step "${step}": watermark: ${JSON.stringify(watermark)} is neither source nor key`,
    );
  }
  return {
    watermark,
    latenessMs: milliseconds(lateness, `step "${step}": lateness`),
    idleMs: milliseconds(idle, `step "${step}": idle`),
    maxFutureMs: milliseconds(maxFuture, `step "${step}": maxFuture`),
  };
}
