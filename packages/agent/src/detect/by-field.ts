/** Detection on the device: each number of the readings has a watch of its own. */

/** Scores a reading; a number is the score of an anomaly, undefined an ordinary reading. */
export type Detect = (reading: object) => number | undefined;

/** What a detector knows, as of now. */
export interface DetectState {
  /** Values of a number that are learned before it is judged. */
  readonly warmUp: number;
  /** Numbers of the readings that it watches, at most 64. */
  readonly fields: number;
  /** Of those: past their warm-up, so that they are judged. */
  readonly ready: number;
  /** Readings that were anomalies. */
  readonly anomalies: number;
}

export interface Detector {
  readonly detect: Detect;
  state(): DetectState;
}

/** One number of the readings under watch. */
export interface FieldWatch {
  readonly ready: boolean;
  /** @returns the score of an anomaly */
  next(value: number): number | undefined;
}

const FIELDS_MAX = 64;
const DEPTH_MAX = 4;

/** A watch for each number of the readings; of several anomalies in one reading the strangest counts. */
export function byField(warmUp: number, watch: () => FieldWatch): Detector {
  const watches = new Map<string, FieldWatch>();
  let anomalies = 0;
  let strangest = 0;
  const visit = (reading: object, prefix: string, depth: number): void => {
    for (const [name, value] of Object.entries(reading)) {
      if (typeof value === 'object' && value !== null && depth < DEPTH_MAX) {
        visit(value as object, `${prefix}${name}.`, depth + 1);
      } else if (typeof value === 'number' && Number.isFinite(value)) {
        const field = prefix + name;
        let one = watches.get(field);
        if (one === undefined) {
          if (watches.size === FIELDS_MAX) continue;
          watches.set(field, (one = watch()));
        }
        strangest = Math.max(strangest, one.next(value) ?? 0);
      }
    }
  };
  return {
    detect: (reading) => {
      strangest = 0;
      visit(reading, '', 0);
      if (strangest === 0) return undefined;
      anomalies++;
      return strangest;
    },
    state: () => {
      const ready = [...watches.values()].filter((one) => one.ready).length;
      return { warmUp, fields: watches.size, ready, anomalies };
    },
  };
}
