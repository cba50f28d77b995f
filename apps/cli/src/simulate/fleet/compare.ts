/** Ledger and store, told from the simulator's own numbers alone: what is lost, doubled or out of order, and how late it came. */
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { LinnetError } from '@linnet/core';
import { deviceOf } from './device-name.ts';
import { FATE, type Fates } from './ledger.ts';

export interface Outcome {
  /** Readings whose `record` resolved, and those in doubt that turned out to be stored. */
  readonly recorded: number;
  /** Of these, the ones in the store. */
  readonly stored: number;
  readonly lost: number;
  /** Copies beyond the first. */
  readonly duplicated: number;
  /** Readings that came, or are dated, before an earlier one of their device and lane. */
  readonly outOfOrder: number;
  /** From `record` to the server's acknowledgement, which follows its commit, of live readings, ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Backlog readings a second, while there was backlog. */
  readonly drainPerSecond: number;
}

/** One reading as it is stored. */
interface Row {
  readonly n: number;
  readonly time: number;
  readonly received: number;
  readonly backlog: boolean;
}

export interface Expected {
  /** Name of the run, with which its devices' names begin. */
  readonly run: string;
  readonly fates: ReadonlyMap<number, Fates>;
  /** Devices whose clock was wrong: their stamps order nothing. */
  readonly wrongClocks: ReadonlySet<number>;
  /** What live readings took until they were acknowledged, ms, ascending; none where nobody measured it. */
  readonly latencies?: Float64Array;
}

/** @param sorted ascending. @returns 0 of nothing */
export function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

const CHANNELS = ['n', '_received', '_backlog'];
/** Backlog counts as under way in slots of this length. */
const SLOT_MS = 100;

/**
 * @param store folder of the server's store
 * @throws LinnetError `store.invalid` where a part of the store cannot be read
 */
export function compare(store: string, { run, fates, wrongClocks, latencies }: Expected): Outcome {
  const rows = new Map<number, Row[]>();
  const slots = new Set<number>();
  let backlog = 0;
  for (const [device, row] of rowsOf(store, run)) {
    const own = rows.get(device);
    if (own === undefined) rows.set(device, [row]);
    else own.push(row);
    if (row.backlog) {
      backlog++;
      slots.add(Math.floor(row.received / SLOT_MS));
    }
  }
  const sum = { recorded: 0, stored: 0, lost: 0, duplicated: 0, outOfOrder: 0 };
  for (const device of new Set([...fates.keys(), ...rows.keys()])) {
    const own = rows.get(device) ?? [];
    count(own, fates.get(device) ?? new Uint8Array(0), sum);
    sum.outOfOrder += disordered(own, wrongClocks.has(device));
  }
  const drainPerSecond = slots.size === 0 ? 0 : Math.round((backlog * 1000) / (slots.size * SLOT_MS));
  const ms = (part: number) => Math.round(quantile(latencies ?? new Float64Array(0), part));
  return { ...sum, p50Ms: ms(0.5), p99Ms: ms(0.99), drainPerSecond };
}

type Sum = { -readonly [name in 'recorded' | 'stored' | 'lost' | 'duplicated']: number };

function count(rows: readonly Row[], fates: Fates, sum: Sum): void {
  const copies = new Uint32Array(fates.length);
  for (const { n } of rows) {
    // A number that was never given out is nobody's reading: it cannot be there even once.
    if (n < copies.length) copies[n] = (copies[n] as number) + 1;
    if (fates[n] === undefined || fates[n] === FATE.none) sum.duplicated++;
  }
  fates.forEach((fate, n) => {
    const found = copies[n] as number;
    if (fate === FATE.none) return;
    if (fate === FATE.recorded || found > 0) sum.recorded++;
    if (found > 0) sum.stored++;
    else if (fate === FATE.recorded) sum.lost++;
    if (found > 1) sum.duplicated += found - 1;
  });
}

/** Live readings keep their order among themselves, and so does the backlog; stamps keep it in both. */
function disordered(rows: readonly Row[], wrongClock: boolean): number {
  const last = { live: -Infinity, backlog: -Infinity, time: -Infinity };
  let found = 0;
  for (const { time, received, backlog } of rows.toSorted((a, b) => a.n - b.n || a.received - b.received)) {
    const lane = backlog ? 'backlog' : 'live';
    if (received < last[lane] || (!wrongClock && time < last.time)) found++;
    last[lane] = Math.max(last[lane], received);
    last.time = Math.max(last.time, time);
  }
  return found;
}

function* rowsOf(store: string, run: string): Generator<[device: number, row: Row]> {
  const db = openStoreReadOnly(store);
  try {
    const reader = new HistoryReader(db, {
      onDamage: ({ reason }) => {
        throw new LinnetError('store.invalid', `${store}: a part cannot be read: ${reason}`);
      },
    });
    // A store that nothing came to knows none of the channels.
    const known = new Set(reader.channels());
    const channels = CHANNELS.filter((name) => known.has(name));
    if (!known.has('n')) return;
    for (const { time, channels: columns, sensorOf } of reader.scan(channels)) {
      const of = (name: string, row: number) => columns[name]?.[row] ?? Number.NaN;
      for (let row = 0; row < time.length; row++) {
        const device = deviceOf(run, sensorOf(row) ?? '');
        if (device === undefined) continue;
        const [n, received, backlog] = [of('n', row), of('_received', row), of('_backlog', row) === 1];
        yield [device, { n, time: time[row] as number, received, backlog }];
      }
    }
  } finally {
    db.close();
  }
}
