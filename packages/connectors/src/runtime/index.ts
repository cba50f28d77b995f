/** @linnet/connectors/runtime: flows from files, on this thread or many. */
export { loadFlow } from './load-flow.ts';
export { runThreaded, type ThreadedOptions } from './run-threaded.ts';
export { stateCodec } from './state-codec.ts';
