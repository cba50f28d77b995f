/** @linnet/server: takes in what a fleet sends over MQTT; nothing is acknowledged before it is stored. */
export { serve, type ServeOptions, type Server } from './serve.ts';
