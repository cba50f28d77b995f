/** @linnet/core/engine: what a runtime (threads, a cluster) is built of. Users of flows do not need it. */
export { Batch, EMPTY } from './batch.ts';
export { decodeColumn, encodeColumn, type Column } from './columns.ts';
export { mergeByRank, ownerOf, splitByKey } from './exchange.ts';
export { checkGraph, isSink, isSource, unread, type AnyStep, type Graph } from './graph.ts';
export { decodeBlock, originOf, type RejectedEntries } from './local.ts';
export { planStages, type Edge, type Plan, type Stage } from './plan.ts';
export { BlockReader, type NumberedBlock } from './reading.ts';
export { OpenSinks, summarise, type RunOptions, type RunResult } from './run.ts';
export { StageRunner, type BlockOrigin, type StepCounts } from './stage-runner.ts';
