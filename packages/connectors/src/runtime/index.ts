/** @linnet/connectors/runtime: flows from files, on this thread or many. */
export { loadFlow } from './load-flow.ts';
export { runWithCrew, type CrewOptions } from './coordinator.ts';
export type { Crew, CrewEvents } from './crew.ts';
export type { CrewStart, FromWorker, Portion, WorkOrder } from './messages.ts';
export { runThreaded, type ThreadedOptions } from './run-threaded.ts';
export { hotKeys, Spill, type MemoryOptions } from './spill.ts';
export { stateCodec } from './state-codec.ts';
export { Threads, type ThreadsOptions } from './threads.ts';
export { WorkerHost, type Voice } from './worker-host.ts';
