import type { Spec } from '../base/component.ts';
import type { DriftDetector, OnlineModel, OnlineTransformer, Stateful } from '../base/model.ts';

/** Anything that learns one row at a time, seen through what all such components have in common. */
export interface Subject {
  readonly instance: Stateful & { readonly ready: boolean };
  /** What it says of a row without learning it; nothing for a detector, which has no such call. */
  probe(row: Float64Array): number[];
  /** Learns a row; what it says while doing so. */
  learn(row: Float64Array): number[];
}

export type Online = OnlineModel | OnlineTransformer | DriftDetector;

export function isOnline(instance: unknown): instance is Online {
  if (typeof instance !== 'object' || instance === null || !('snapshot' in instance)) return false;
  return 'scoreOne' in instance || 'transformOne' in instance || 'update' in instance;
}

export function subjectOf(spec: Spec<Online>): Subject {
  const instance = spec.create();
  if ('scoreOne' in instance) {
    return {
      instance,
      probe: (row) => [instance.scoreOne(row), instance.ready ? 1 : 0],
      learn(row) {
        instance.learnOne(row);
        return [];
      },
    };
  }
  if ('transformOne' in instance) {
    return {
      instance,
      probe(row) {
        const out = new Float64Array(row.length);
        instance.transformOne(row, out);
        return [...out];
      },
      learn(row) {
        instance.learnOne(row);
        return [];
      },
    };
  }
  return {
    instance,
    probe: () => [],
    learn: (row) => [instance.update(row[0] as number) ? 1 : 0],
  };
}
