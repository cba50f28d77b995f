import { LinnetError } from '@linnet/core/base';
import { CloudDecoder, type FindForecaster, type LinkAlert, type LinkConfig } from '@linnet/core/transmit';
import type { Alert } from '../watch/alert.ts';
import { addRows } from './dual-rows.ts';
import { ownerOf, type OutboundAck } from './inbound.ts';
import type { RowBuffer } from './row-buffer.ts';

export interface DualAlert extends LinkAlert {
  readonly device: string;
  readonly link: LinkConfig;
}

/** What a gateway's messages change beside the rows: to be stored in the same transaction. */
export interface DualCommit {
  readonly decoders: ReadonlyMap<string, CloudDecoder>;
  readonly alerts: readonly DualAlert[];
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const CACHED_MAX = 1000;
/** Calls of `retry` between two questions, at most. */
const PAUSE_MAX = 64;

/** `{"dual":"`: the only key of such a payload, so that a reading costs no more than this look. */
const BEGINNING = [0x7b, 0x22, 0x64, 0x75, 0x61, 0x6c, 0x22, 0x3a, 0x22];

/** Whether a payload may be a gateway's message. */
export function isDual(payload: Uint8Array): boolean {
  return BEGINNING.every((byte, i) => payload[i] === byte);
}

/** The cloud's side of dual prediction: messages of gateways become rows, and questions where one is missing. */
export class DualIngest {
  private readonly load: (device: string) => Uint8Array | undefined;
  private readonly cached = new Map<string, CloudDecoder>();
  /** Gateways of which something is missing, and how many calls of `retry` it is until, and after, the next question. */
  private readonly waiting = new Map<string, { left: number; next: number }>();
  private dirty = new Map<string, CloudDecoder>();
  private alerts: DualAlert[] = [];

  private readonly find: FindForecaster | undefined;

  /**
   * @param load the state of a gateway's decoder as it was stored last
   * @param find models that gateways may use
   */
  constructor(load: (device: string) => Uint8Array | undefined, find?: FindForecaster) {
    this.load = load;
    this.find = find;
  }

  /** Begins a transaction. */
  begin(): void {
    this.dirty = new Map();
    this.alerts = [];
    for (const key of this.cached.keys()) {
      if (this.cached.size <= CACHED_MAX) break;
      this.cached.delete(key);
    }
  }

  get commit(): DualCommit {
    return { decoders: this.dirty, alerts: this.alerts };
  }

  forget(): void {
    this.cached.clear();
  }

  /**
   * Takes a gateway's message in.
   * @returns messages for the gateway
   * @throws LinnetError `data.invalid` for what is no message
   */
  take(device: string, text: string, rows: RowBuffer): Uint8Array<ArrayBuffer>[] {
    if (!BASE64.test(text)) throw new LinnetError('data.invalid', 'dual is not base64');
    const decoder = this.decoder(device);
    this.dirty.set(device, decoder);
    const { covered, alerts, replies, problems } = decoder.receive(Buffer.from(text, 'base64'));
    if (decoder.waits) this.waiting.set(device, { left: 1, next: 1 });
    else this.waiting.delete(device);
    for (const part of covered) addRows(device, part, rows);
    for (const alert of alerts) this.alerts.push({ device, ...alert });
    if (problems.length > 0 && replies.length === 0)
      throw new LinnetError('data.invalid', problems.join('; '));
    return replies;
  }

  /** Looks at what was stored before the start: a question may have been lost with the process that asked it. */
  resume(devices: Iterable<string>): void {
    for (const device of devices) {
      try {
        if (this.decoder(device).waits) this.waiting.set(device, { left: 1, next: 1 });
        else this.cached.delete(device);
      } catch (error) {
        // Its model is not here; its next message says so.
        if (!(error instanceof LinnetError)) throw error;
      }
    }
  }

  /** What is still missing, asked for again of the gateways that can hear it; less and less often while nothing comes. */
  retry(hears: (device: string) => boolean): OutboundAck[] {
    const questions: OutboundAck[] = [];
    for (const [device, pause] of this.waiting) {
      if (!hears(device)) continue;
      // Counted here as well: a decoder that is read from the store again has forgotten when it asked.
      const asked = this.decoder(device).retry();
      if (--pause.left > 0 || asked.length === 0) continue;
      pause.next = Math.min(PAUSE_MAX, pause.next * 2);
      pause.left = pause.next;
      for (const bytes of asked) questions.push({ ...ownerOf(device), bytes });
    }
    return questions;
  }

  private decoder(device: string): CloudDecoder {
    let decoder = this.cached.get(device);
    if (decoder === undefined) {
      const state = this.load(device);
      const options = this.find === undefined ? {} : { find: this.find };
      decoder = state === undefined ? new CloudDecoder(options) : CloudDecoder.restore(state, options);
      this.cached.set(device, decoder);
    }
    return decoder;
  }
}

/** An anomaly that a gateway told ahead of its timer, with the raw value, as people are told of it. */
export function anomalyOf(
  { device, link, tick, channel, value, score }: DualAlert,
  receivedAt: number,
): Alert {
  const name = link.channels[channel]?.name ?? String(channel);
  const cut = name.lastIndexOf(':');
  return {
    alert: 'anomaly',
    sensor: `${device}/${name.slice(0, cut)}`,
    device,
    region: '',
    metric: name.slice(cut + 1),
    value,
    score,
    threshold: null,
    by: 'gateway',
    time: link.startMs + tick * link.everyMs,
    receivedAt,
    backlog: false,
  };
}
