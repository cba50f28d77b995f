import { LinnetError } from '@linnet/core/base';
import {
  boundOf,
  CloudDecoder,
  PREDICTORS,
  timeOf,
  type Covered,
  type FindForecaster,
  type LinkAlert,
  type LinkConfig,
} from '@linnet/core/transmit';
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

/** `{"dual":"`: the only key of such a payload, so that a reading costs no more than this look. */
const BEGINNING = [0x7b, 0x22, 0x64, 0x75, 0x61, 0x6c, 0x22, 0x3a, 0x22];

/** Whether a payload may be a gateway's message. */
export function isDual(payload: Uint8Array): boolean {
  return BEGINNING.every((byte, i) => payload[i] === byte);
}

/**
 * The cloud's side of dual prediction: messages of gateways become rows, one a sensor and instant, each with its bound (`_bound`), how it came
 * about (`_status`: 0 missing, 2 predicted, 3 backfilled, 4 measured), its message (`_message`, `_session`) and its predictor (`_predictor`).
 */
export class DualIngest {
  private readonly load: (device: string) => Uint8Array | undefined;
  private readonly cached = new Map<string, CloudDecoder>();
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
    for (const part of covered) addRows(device, part, rows);
    for (const alert of alerts) this.alerts.push({ device, ...alert });
    if (problems.length > 0 && replies.length === 0)
      throw new LinnetError('data.invalid', problems.join('; '));
    return replies;
  }

  /** What is still missing of a gateway, asked for again. */
  retry(device: string): Uint8Array<ArrayBuffer>[] {
    return this.cached.get(device)?.retry() ?? [];
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

function addRows(device: string, part: Covered, rows: RowBuffer): void {
  const { link, count, values, status, sequence, session, source } = part;
  const predictor = PREDICTORS.findIndex((name) => source === name || source.startsWith(`${name}:`));
  let i = 0;
  for (let row = 0; row < count; row++) {
    const time = timeOf(part, row);
    for (const { name, epsilon } of link.channels) {
      const [value, state] = [values[i] as number, status[i] as number];
      i++;
      const cut = name.lastIndexOf(':');
      rows.add(`${device}/${name.slice(0, cut)}`, time);
      if (!Number.isNaN(value)) {
        rows.set(name.slice(cut + 1), value);
        rows.set('_bound', boundOf(epsilon, state));
      }
      rows.set('_status', state);
      rows.set('_message', sequence);
      rows.set('_session', session);
      rows.set('_predictor', predictor);
    }
  }
}
