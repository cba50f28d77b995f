/** A fault put into the evidence after a run, to show that the proof finds it. */
import { HistoryReader, HistoryWriter, openStore } from '@linnet/connectors/history';
import { LedgerWriter, nextNumber, readLedger } from '../../apps/cli/src/simulate/fleet/ledger.ts';
import { deviceOf } from '../../apps/cli/src/simulate/fleet/device-name.ts';

export type Planted = 'lost' | 'duplicated';

/** `lost`: the ledger says of one more reading that it was recorded. `duplicated`: a reading is stored once more. */
export function plant(what: Planted, run: string, store: string, ledger: string): void {
  if (what === 'duplicated') return storeAgain(run, store);
  const [first] = readLedger(ledger);
  if (first === undefined) throw new Error('nothing was recorded, so nothing can be planted');
  const [device, fates] = first;
  const writer = new LedgerWriter(ledger);
  writer.begin([[device, nextNumber(fates)]]);
  writer.end([[device, nextNumber(fates)]], true);
  writer.close();
}

function storeAgain(run: string, store: string): void {
  const db = openStore(store);
  try {
    const reader = new HistoryReader(db);
    const sensor = reader.sensors().find((name) => deviceOf(run, name) !== undefined);
    if (sensor === undefined) throw new Error('nothing was stored, so nothing can be planted');
    const { time, channels } = reader.read(sensor);
    const last = (column: Float64Array) => column.slice(-1);
    db.exec('BEGIN IMMEDIATE');
    new HistoryWriter(db).append({
      sensors: [sensor],
      sensor: new Int32Array(1),
      time: last(time),
      channels: Object.fromEntries(Object.entries(channels).map(([name, column]) => [name, last(column)])),
    });
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}
