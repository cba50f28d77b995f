/** @linnet/core: what a reading meets on its way, in that order. */
export { LinnetError, errorCodes, type ErrorCode } from './base/error.ts';
export type { Clock } from './base/clock.ts';
export type { Rng } from './base/rng.ts';
export { SnapshotReader, SnapshotWriter } from './base/snapshot.ts';
export * from './base/param.ts';
export { defineComponent } from './base/component.ts';
export type {
  About,
  Bank,
  Component,
  Definition,
  ModelSpec,
  Spec,
  TransformerSpec,
} from './base/component.ts';
export type {
  BatchImputer,
  BatchModel,
  DriftDetector,
  OnlineModel,
  OnlineTransformer,
} from './base/model.ts';
export { catalog } from './catalog.gen.ts';
