/** What the sender needs and gives: events in, effects out, and what it asks of the log and of whoever runs it. */
import type { Packet } from 'mqtt-packet';
import type { Deflate, FrameRecord, Run } from '@linnet/core/wire';
import type { LaneSource } from './lanes.ts';
import type { MqttVersion, SessionOptions } from './session.ts';

/** What the sender asks of the log. */
export interface SenderStore extends LaneSource {
  readonly floor: number;
  readonly pending: number;
  readonly bootFirst: number;
  ack(runs: readonly Run[]): number;
  /** Gives up a reading that no frame can carry. */
  reject(records: readonly FrameRecord[]): void;
}

export interface SenderOptions extends SessionOptions {
  readonly mqtt: 'auto' | MqttVersion;
  /** Ordinary live readings are sent together every so many ms; 0 sends each at once. An anomaly never waits. */
  readonly sendEveryMs: number;
  readonly statusEveryMs: number;
  readonly deflate: Deflate;
  readonly random: () => number;
  /** Told of what comes on the acknowledgement topic and is no acknowledgement. */
  readonly onCommand?: (bytes: Uint8Array) => void;
  /** Told of each live reading that is acknowledged how long ago it was recorded, ms. */
  readonly onStored?: (ms: number) => void;
  /** What is published as the device's status. */
  readonly status: () => object;
}

export type SenderEvent =
  | { readonly kind: 'wake' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'packet'; readonly packet: Packet }
  | { readonly kind: 'closed'; readonly why?: string }
  | { readonly kind: 'stored'; readonly records: readonly FrameRecord[] }
  | { readonly kind: 'stop' };

export type Effect =
  | { readonly kind: 'connect'; readonly version: MqttVersion }
  | { readonly kind: 'send'; readonly packet: Packet }
  | { readonly kind: 'close' };

/** Monotonic ms for all waiting, wall ms for what the frames say. */
export interface Now {
  readonly mono: number;
  readonly wall: number;
}
