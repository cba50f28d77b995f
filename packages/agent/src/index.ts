/** @linnet/agent: readings on disk first, then over MQTT, until the server has stored them. */
export { agent, type Agent, type AgentOptions } from './agent.ts';
export type { Detect, DetectState } from './detect/by-field.ts';
export type { DetectorName } from './detect/detector.ts';
export type { OnFull } from './log/log.ts';
export type { Fsync } from './log/recorder.ts';
export type { AgentStats } from './stats.ts';
export { backoffMs } from './sender/backoff.ts';
export { readConnack, reasonText, subscriptionFailure, type MqttVersion } from './sender/session.ts';
export { openConnection, parseBroker, type Broker, type Connection, type TlsFiles } from './transport.ts';
