/** What the socket side and the store's thread say to each other. Payloads of a batch travel as one buffer, handed over, not copied. */
import type { WaitingAlert } from '../alerts/alert-table.ts';
import type { Alert } from '../watch/alert.ts';
import type { DetectorOptions } from '../watch/detector.ts';
import type { IngestOptions } from '../ingest/ingest.ts';
import type { Inbound } from '../ingest/inbound.ts';
import type { Allowance } from './pace.ts';

export interface ThreadData {
  readonly store: string;
  /** Folder of models that gateways may use. */
  readonly models?: string;
  /** Configuration of the mapping as its file has it, and its name. */
  readonly mapping?: { readonly config: unknown; readonly file: string };
  readonly detect: DetectorOptions;
  /** Sinks that alerts are kept for; none: as another instance on the same store says. */
  readonly alertSinks?: readonly string[];
  readonly tuning: Pick<IngestOptions, 'clockToleranceMs' | 'delayMaxMs' | 'holdMs'>;
}

export interface BatchMessage {
  readonly kind: 'batch';
  /** When the oldest message of the present came, epoch ms with fractions; undefined where all is backlog. */
  readonly presentSince: number | undefined;
  readonly topics: readonly string[];
  readonly identities: readonly (string | undefined)[];
  readonly tenants: readonly string[];
  /** Packet id, with bit 16 for DUP. */
  readonly packets: Int32Array<ArrayBuffer>;
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly payloads: Uint8Array<ArrayBuffer>;
}

export type ToThread =
  | BatchMessage
  /** A sink asks for its next alerts; it has taken those up to `delivered`. */
  | { readonly kind: 'alerts'; readonly sink: string; readonly delivered: number | undefined }
  | { readonly kind: 'close' };

export interface Answer {
  readonly tenants: readonly string[];
  readonly devices: readonly string[];
  readonly acks: readonly Uint8Array<ArrayBuffer>[];
  readonly alerts: readonly Alert[];
}

export type FromThread =
  | { readonly kind: 'ready' }
  /** The oldest batch is durable. */
  | ({ readonly kind: 'committed'; readonly allowance: Allowance } & Answer)
  /** Something was noticed, or is to be said, while nothing came in. */
  | ({ readonly kind: 'noticed' } & Answer)
  /** A commit failed; it is tried again. */
  | { readonly kind: 'trouble'; readonly message: string }
  | { readonly kind: 'alerts'; readonly sink: string; readonly alerts: readonly WaitingAlert[] }
  | { readonly kind: 'closed' };

const DUP = 1 << 16;

export function packBatch(messages: readonly Inbound[], presentSince?: number): BatchMessage {
  const count = messages.length;
  const [packets, lengths] = [new Int32Array(count), new Int32Array(count)];
  let bytes = 0;
  messages.forEach(({ payload, packetId, dup }, i) => {
    lengths[i] = payload.length;
    packets[i] = packetId | (dup ? DUP : 0);
    bytes += payload.length;
  });
  const payloads = new Uint8Array(bytes);
  let at = 0;
  for (const { payload } of messages) {
    payloads.set(payload, at);
    at += payload.length;
  }
  return {
    kind: 'batch',
    presentSince,
    topics: messages.map(({ topic }) => topic),
    identities: messages.map(({ identity }) => identity),
    tenants: messages.map(({ tenant }) => tenant),
    packets,
    lengths,
    payloads,
  };
}

export function unpackBatch(batch: BatchMessage): Inbound[] {
  let at = 0;
  return batch.topics.map((topic, i) => {
    const end = at + (batch.lengths[i] as number);
    const payload = batch.payloads.subarray(at, end);
    at = end;
    const packet = batch.packets[i] as number;
    const identity = batch.identities[i];
    return {
      topic,
      payload,
      tenant: batch.tenants[i] as string,
      packetId: packet & (DUP - 1),
      dup: (packet & DUP) !== 0,
      ...(identity !== undefined && { identity }),
    };
  });
}
