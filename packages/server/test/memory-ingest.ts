/** The ingest over a store in memory, with a clock that the test moves. */
import { inflateRawSync } from 'node:zlib';
import { encodeFrame, encodePayload, type Frame, type ReceivedState } from '@linnet/core/wire';
import type { DeviceState } from '../src/ingest/device-state.ts';
import type { Inbound } from '../src/ingest/inbound.ts';
import { Ingest, type Commit } from '../src/ingest/ingest.ts';
import { Mapping } from '../src/mapping/mapping.ts';
import type { Alert } from '../src/watch/alert.ts';
import { Detector, type DetectorOptions } from '../src/watch/detector.ts';

export interface Row {
  readonly sensor: string;
  readonly time: number;
  readonly [channel: string]: string | number;
}

export interface MemoryOptions {
  readonly mapping?: unknown;
  readonly detect?: DetectorOptions;
  readonly clockToleranceMs?: number;
}

export class MemoryIngest {
  now = 1_700_000_000_000;
  readonly rows: Row[] = [];
  readonly alerts: Alert[] = [];
  readonly dead: string[] = [];
  readonly devices = new Map<string, DeviceState>();
  readonly regions = new Map<string, string>();
  readonly texts: object[] = [];
  last: Commit | undefined;
  private readonly received = new Map<string, { id: number; state: ReceivedState | undefined }>();
  private readonly duals = new Map<string, Uint8Array>();
  private readonly options: MemoryOptions;
  private ingest: Ingest;

  constructor(options: MemoryOptions = {}) {
    this.options = options;
    this.ingest = this.open();
  }

  /** What was not stored is gone. */
  restart(): void {
    this.ingest = this.open();
  }

  private open(): Ingest {
    const { mapping, detect = {}, clockToleranceMs } = this.options;
    return new Ingest(
      {
        incarnation: (key, incarnation) => {
          const name = `${key} ${incarnation}`;
          const known = this.received.get(name) ?? { id: this.received.size + 1, state: undefined };
          this.received.set(name, known);
          return known;
        },
        everyDevice: () => structuredClone(this.devices),
        device: (key) => structuredClone(this.devices.get(key)),
        dual: (key) => this.duals.get(key),
        everyDual: () => [...this.duals.keys()],
      },
      {
        inflate: (bytes, bytesMax, dictionary) =>
          inflateRawSync(bytes, { maxOutputLength: bytesMax, ...(dictionary && { dictionary }) }),
        mapping: new Mapping(mapping),
        detector: new Detector(detect, () => []),
        startedAt: this.now,
        ...(clockToleranceMs !== undefined && { clockToleranceMs }),
      },
    );
  }

  /** @returns the number of readings stored */
  send(topic: string, payload: string | Uint8Array, more: Partial<Inbound> = {}): number {
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    return this.keep(
      this.ingest.step([{ topic, payload: bytes, tenant: '', packetId: 0, dup: false, ...more }], this.now),
    );
  }

  frame(
    readings: readonly object[],
    more: Partial<Frame> & { first?: number; stamps?: readonly number[] } = {},
  ): number {
    const { first = 1, stamps, ...rest } = more;
    const sentAt = rest.sentAt ?? this.now;
    const records = readings.map((reading, i) => ({
      sequence: first + i,
      at: stamps?.[i] ?? sentAt,
      mono: 1000,
      payload: encodePayload(reading),
    }));
    const frame = {
      device: 'k-17',
      incarnation: '0123456789abcdef',
      live: true,
      urgent: false,
      floor: 1,
      prev: 0,
    };
    return this.send(
      'tele/k-17',
      encodeFrame({ ...frame, round: 1, bootFirst: 1, sentAt, sentMono: 1000, records, ...rest }),
    );
  }

  tick(): void {
    this.keep(this.ingest.tick(this.now));
  }

  private keep(commit: Commit): number {
    this.last = commit;
    const { sensors, sensor, time, channels } = commit.rows.batch();
    for (let i = 0; i < time.length; i++) {
      const row: Record<string, string | number> = {
        sensor: String(sensors[sensor[i] as number]),
        time: time[i] as number,
      };
      for (const [name, column] of Object.entries(channels)) {
        if (!Number.isNaN(column[i])) row[name] = column[i] as number;
      }
      this.rows.push(row as Row);
    }
    for (const { id, state } of commit.received) {
      for (const known of this.received.values())
        if (known.id === id) known.state = structuredClone(state.toJSON());
    }
    for (const [key, state] of commit.devices) this.devices.set(key, structuredClone(state));
    for (const [key, decoder] of commit.dual.decoders) this.duals.set(key, decoder.save());
    for (const { sensor: name, region } of commit.sensors) this.regions.set(name, region);
    this.texts.push(...commit.texts.map(({ texts }) => texts));
    this.dead.push(...commit.dead.map(({ reason }) => reason));
    this.alerts.push(...commit.alerts);
    return time.length;
  }
}
