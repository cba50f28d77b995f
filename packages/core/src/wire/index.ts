/** @linnet/core/wire: what a device and a server say to each other. */
export * from './ack.ts';
export * from './bytes.ts';
export * from './frame.ts';
export * from './identity.ts';
export * from './payload.ts';
export * from './ranges.ts';
export * from './received.ts';
