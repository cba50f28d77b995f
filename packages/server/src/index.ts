/** @linnet/server: takes in what a fleet sends over MQTT; nothing is acknowledged before it is stored. */
export { serve, type ServeOptions, type Server } from './serve.ts';
export type { BrokerLimits, EmbeddedOptions } from './broker/embedded.ts';
export type { ServerTls } from './broker/listener.ts';
export { DeviceRegistry, type DeviceEntry } from './devices/device-registry.ts';
