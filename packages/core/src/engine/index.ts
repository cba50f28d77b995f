/** @linnet/core/engine: what a runtime (threads, a cluster) is built of. Users of flows do not need it. */
export { Batch, EMPTY, type Key } from './batch.ts';
export { NO_MARK, type BlockInfo, type BlockMark } from './block.ts';
export { decodeColumn, encodeColumn, type Column } from './columns.ts';
export { mergeByRank, ownerOf, splitByKey } from './exchange.ts';
export { checkGraph, isSink, isSource, unread, type AnyStep, type Graph } from './graph.ts';
export { Decoder, type RejectedEntries } from './decode.ts';
export { LocalFlow } from './local.ts';
export type { KeyedState, Ports, StateCodec } from './operator.ts';
export { planStages, type Edge, type Plan, type Stage } from './plan.ts';
export { BlockReader, type NumberedBlock } from './reading.ts';
export type { Backend, Checkpoint, Epoch, Undelivered } from './backend.ts';
export { Epochs } from './epochs.ts';
export { openRun, summarise, type Recovery, type RunOptions, type RunResult } from './run.ts';
export { OpenSinks } from './sinks.ts';
export { StageRunner, type RunnerPorts, type StateEntry, type StepCounts } from './stage-runner.ts';
export type { EventTimeProgress } from './watermark.ts';
