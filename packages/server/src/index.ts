/** @linnet/server: takes in what a fleet sends over MQTT; nothing is acknowledged before it is stored. */
export { serve, type ExternalSettings, type ServeOptions, type Server } from './serve.ts';
export type { BrokerLimits, EmbeddedOptions } from './broker/embedded.ts';
export type { ServerTls } from './broker/listener.ts';
export { DeviceRegistry, type DeviceEntry } from './devices/device-registry.ts';
export { Mapping } from './mapping/mapping.ts';
export type { RuleConfig } from './mapping/rule.ts';
export { decoders } from './decode/catalogue.ts';
export type { Decoder, FieldSink } from './decode/decoder.ts';
export type { Alert } from './watch/alert.ts';
export { unreachable, Z_KINDS, type DetectorOptions } from './watch/detector.ts';
export { Ingest, type Commit, type IngestOptions, type IngestStore } from './ingest/ingest.ts';
export { deviceKey, type Inbound, type OutboundAck } from './ingest/inbound.ts';
export type { DeviceState } from './ingest/device-state.ts';
export { readFleet, type FleetDevice } from './fleet.ts';
export { readProvisional, type Provisional, type ProvisionalReadings } from './provisional.ts';
