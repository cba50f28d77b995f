/** What a server must hold in the end, told from the ledger alone. */
import type { Ledger, Recording } from './ledger.ts';
import type { Row } from './server.ts';

/** A stamp so far ahead of the receipt is of a wrong clock and must not be believed. */
const AHEAD_MS = 300_000;
/** A live reading behind a long backlog is stored within this. */
const LIVE_MS = 8000;

/** @returns what is wrong with what is stored, or nothing */
export function judge(ledger: Ledger, rows: readonly Row[]): string | undefined {
  return repeated(ledger, rows) ?? lost(ledger, rows) ?? disordered(ledger, rows) ?? ahead(rows);
}

/**
 * Over a sound link live readings go ahead of the backlog.
 * @param after virtual time from which they must
 */
export function judgeLive(
  ledger: Ledger,
  rows: readonly Row[],
  after: number,
  epochMs: number,
): string | undefined {
  const stored = new Map(rows.map((row) => [row.n, row]));
  for (const { n, at } of ledger.recordings) {
    const row = stored.get(n);
    if (at < after || row === undefined) continue;
    const took = row.receivedAt - epochMs - at;
    if (!row.live) return `reading ${n} of ${at} ms was new and came marked as backlog`;
    if (took > LIVE_MS)
      return `reading ${n} of ${at} ms was stored ${took} ms later: the backlog holds up the present`;
  }
  return undefined;
}

function repeated(ledger: Ledger, rows: readonly Row[]): string | undefined {
  const seen = new Set<number>();
  for (const { n, device } of rows) {
    if (seen.has(n)) return `reading ${n} of ${device} is stored twice`;
    if (ledger.recordings[n]?.device !== device)
      return `reading ${n} is stored for ${device}, which never made it`;
    seen.add(n);
  }
  return undefined;
}

function lost(ledger: Ledger, rows: readonly Row[]): string | undefined {
  const stored = new Set(rows.map(({ n }) => n));
  const missing = new Map<string, Recording[]>();
  for (const one of ledger.recordings) {
    if (!one.recorded || one.wiped || stored.has(one.n)) continue;
    missing.set(one.device, [...(missing.get(one.device) ?? []), one]);
  }
  for (const [device, list] of missing) {
    const { evicted, flips } = ledger.of(device);
    if (list.length <= evicted + flips) continue;
    const first = list[0] as Recording;
    return `${list.length} readings of ${device} are lost, ${evicted} were given up and ${flips} rotted; the first is ${first.n} of ${first.at} ms`;
  }
  return undefined;
}

/**
 * Within a lane of an incarnation readings are stored in the order in which they were made. Where bytes rotted a reading may
 * come from its second copy, behind others.
 */
function disordered(ledger: Ledger, rows: readonly Row[]): string | undefined {
  const last = new Map<string, number>();
  for (const { n, device, incarnation, live } of rows) {
    // What the agent gave up may still be on the disk, and come after a restart.
    if (ledger.of(device).flips > 0 || ledger.recordings[n]?.recorded !== true) continue;
    const lane = `${device} ${incarnation} ${live ? 'live' : 'backlog'}`;
    const before = last.get(lane) ?? -1;
    if (n < before) return `reading ${n} of ${lane} is stored behind ${before}`;
    last.set(lane, n);
  }
  return undefined;
}

function ahead(rows: readonly Row[]): string | undefined {
  const row = rows.find(({ time, receivedAt }) => time > receivedAt + AHEAD_MS);
  return row && `reading ${row.n} has time ${row.time}, ${row.time - row.receivedAt} ms ahead of its receipt`;
}
