/** @linnet/agent: readings on disk first, then over MQTT, until the server has stored them. */
export { agent, type Agent, type AgentOptions } from './agent.ts';
export type { Detect } from './detect.ts';
export type { OnFull } from './log/log.ts';
export type { Fsync } from './log/recorder.ts';
export type { AgentStats } from './stats.ts';
export type { TlsFiles } from './transport.ts';
