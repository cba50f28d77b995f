import { boundOf, PREDICTORS, timeOf, type Covered } from '@linnet/core/transmit';

/** What takes rows in: begins one, then sets its channels. */
export interface Rows {
  add(sensor: string, time: number): void;
  set(channel: string, value: number): void;
}

/**
 * Instants of a gateway as rows, one a sensor and instant, each with its bound (`_bound`), how it came about (`_status`: 0 missing,
 * 1 provisional, 2 predicted, 3 backfilled, 4 measured), its message (`_message`, `_session`), its predictor (`_predictor`) and, where that is
 * a model, the first 48 bits of the model's address (`_model`).
 */
export function addRows(device: string, part: Covered, rows: Rows): void {
  const { link, count, values, status, sequence, session, source } = part;
  const [name = '', address] = source.split(':');
  const predictor = (PREDICTORS as readonly string[]).indexOf(name);
  const model = address === undefined ? Number.NaN : Number.parseInt(address, 16);
  let i = 0;
  for (let row = 0; row < count; row++) {
    const time = timeOf(part, row);
    for (const channel of link.channels) {
      const [value, state] = [values[i] as number, status[i] as number];
      i++;
      const cut = channel.name.lastIndexOf(':');
      rows.add(`${device}/${channel.name.slice(0, cut)}`, time);
      if (!Number.isNaN(value)) {
        rows.set(channel.name.slice(cut + 1), value);
        const bound = boundOf(channel.epsilon, state);
        if (Number.isFinite(bound)) rows.set('_bound', bound);
      }
      rows.set('_status', state);
      rows.set('_message', sequence);
      rows.set('_session', session);
      rows.set('_predictor', predictor);
      if (!Number.isNaN(model)) rows.set('_model', model);
    }
  }
}
