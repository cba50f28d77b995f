/** @linnet/core: what a reading meets on its way, in that order. */
export { LinnetError, errorCodes, type ErrorCode } from './base/error.ts';
export type { Clock } from './base/clock.ts';
export type { Rng } from './base/rng.ts';
export { SnapshotReader, SnapshotWriter } from './base/snapshot.ts';
export { identityOf, modelSpec } from './base/model-spec.ts';
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
  AnomalyFilter,
  BatchImputer,
  BatchModel,
  DriftDetector,
  OnlineModel,
  OnlineTransformer,
} from './base/model.ts';
export { areas, type AreaFinder } from './decode/areas.ts';
export { gridCells } from './decode/grid.ts';
export { knnImputer } from './impute/knn-imputer.ts';
export { statisticImputer } from './impute/statistic-imputer.ts';
export { minMaxScaler } from './scale/min-max-scaler.ts';
export { standardScaler } from './scale/standard-scaler.ts';
export { gaussianScorer } from './model/gaussian-scorer.ts';
export { halfSpaceTrees } from './model/half-space-trees.ts';
export { isolationForest } from './model/isolation-forest.ts';
export { IsolationForest } from './model/isolation/forest.ts';
export { localOutlierFactor } from './model/local-outlier-factor.ts';
export { zScore } from './model/z-score.ts';
export { quantileFilter } from './threshold/quantile-filter.ts';
export { thresholdFilter } from './threshold/threshold-filter.ts';
export { adwin } from './drift/adwin.ts';
export { kswin } from './drift/kswin.ts';
export { pageHinkley } from './drift/page-hinkley.ts';
export { EwMean, EwVariance } from './math/exponential.ts';
export { Mad } from './math/mad.ts';
export { Mean } from './math/mean.ts';
export { Rolling, type Reversible } from './math/rolling.ts';
export { RollingMedian } from './math/rolling-median.ts';
export { RunningQuantile } from './math/running-quantile.ts';
export type { Statistic } from './math/statistic.ts';
export { Variance } from './math/variance.ts';
export { zScoreMax } from './math/z-score-max.ts';
export { momentsOf, zScores, type Moments } from './math/z-scores.ts';
export { flow, type Flow } from './flow/flow.ts';
export type {
  EventTimeOptions,
  JoinStream,
  KeyedStream,
  Stream,
  TimedStream,
  Windowing,
  WindowStream,
} from './flow/stream.ts';
export type { Folding } from './flow/folds.ts';
export { smokeRule, type Anomaly, type RuleVerdict, type SmokeRuleOptions } from './classify/smoke-rule.ts';
export type { AsOfOptions, Within } from './flow/joins.ts';
export {
  sensorAgreement,
  type AgreementOptions,
  type AgreementVerdict,
  type BrokenSensor,
  type ChannelReading,
  type Habits,
  type Sign,
  type SmokeEvent,
} from './classify/sensor-agreement.ts';
export type { ExpiryOptions } from './flow/parts.ts';
export { tumbling } from './window/tumbling.ts';
export { sliding } from './window/sliding.ts';
export { session } from './window/session.ts';
export { countWindow } from './window/count.ts';
export type { Windower, WindowSpan } from './base/window.ts';
export { milliseconds, type Duration } from './base/duration.ts';
export { stampReader, type StampFormat } from './base/stamp.ts';
export type { Quarantined } from './engine/operators/event-time.ts';
export type { Joined, JoinLate } from './engine/operators/join.ts';
export type { Late, WindowResult } from './engine/operators/window.ts';
export type { Pair, WindowJoinLate } from './engine/operators/window-join.ts';
export type { FlowSteps } from './flow/flow-steps.ts';
export { records } from './flow/records.ts';
export { print } from './flow/print.ts';
export { table } from './flow/table.ts';
export type { StandardSchema } from './flow/standard-schema.ts';
export type { Key } from './engine/batch.ts';
export type { Scored } from './engine/operators/model.ts';
export type * from './engine/source.ts';
export type * from './engine/sink.ts';
export type { Graph } from './engine/graph.ts';
export { runLocal, type RunOptions, type RunResult } from './engine/run.ts';
export { RandomState } from './random/random-state.ts';
export { describe, type Description } from './prepare/describe.ts';
export { interpolate, interpolateColumn } from './prepare/interpolate.ts';
export { BinMeans } from './prepare/bin-means.ts';
export { pivot, type Row } from './prepare/pivot.ts';
export { resample, type Sample } from './prepare/resample.ts';
export { SeriesBuilder, type Series } from './prepare/series.ts';
export { airLines, simulateAir, type AirLayout, type AirOptions, type AirTruth } from './simulate/index.ts';
export { catalog } from './catalog.gen.ts';
