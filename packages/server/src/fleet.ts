/** What the store knows of a fleet: each device's counts, read while the server runs or when it does not. */
import { openStoreReadOnly } from '@linnet/connectors/history';
import { BLOCK, type ReceivedState } from '@linnet/core/wire';
import type { DeviceState } from './ingest/device-state.ts';
import { silentAfterMs } from './watch/silence.ts';

export interface FleetDevice {
  readonly device: string;
  /** What the device has recorded, as far as is known: stored, lost, and on its disk. */
  readonly recorded: number;
  readonly stored: number;
  /** On the device's disk when it last said so, less what came since. */
  readonly pending: number;
  /** Sequences that were given out and will never come: loss, as a number. */
  readonly gaps: number;
  /** Sequences missing below others that are here: they are on their way, or lost. */
  readonly missing: number;
  readonly duplicates: number;
  /** Readings that the device says it dropped, by its own policy. */
  readonly dropped: number;
  readonly backlog: number;
  readonly refused: number;
  /** Messages and readings that could not be read. */
  readonly dead: number;
  readonly clockWrong: number;
  readonly clockOffsetMs: number | null;
  readonly intervalMs: number | null;
  /** It has not spoken for longer than its rhythm explains. */
  readonly silent: boolean;
  readonly online: boolean | null;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Time of its newest reading whose stamp was believed, epoch ms; null before the first. */
  readonly watermark: number | null;
}

/**
 * @param data folder of the store
 * @throws LinnetError `io.not-found`, `store.invalid`
 */
export function readFleet(data: string): FleetDevice[] {
  const db = openStoreReadOnly(data);
  try {
    if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'ingest_device'").get() === undefined) return [];
    db.exec('BEGIN');
    const missing = new Map<string, number>();
    for (const { device, state } of db.prepare('SELECT device, state FROM ingest_received').iterate()) {
      const holes = state === null ? 0 : holesOf(JSON.parse(state as string) as ReceivedState);
      missing.set(device as string, (missing.get(device as string) ?? 0) + holes);
    }
    const rows = db.prepare('SELECT device, state FROM ingest_device ORDER BY device').all();
    return rows.map(({ device, state }) =>
      fleetDevice(
        device as string,
        JSON.parse(state as string) as DeviceState,
        missing.get(device as string) ?? 0,
      ),
    );
  } finally {
    db.close();
  }
}

function fleetDevice(device: string, state: DeviceState, missing: number): FleetDevice {
  const { stored, gaps, duplicates, dropped, backlog, refused, dead, clockWrong, clockOffsetMs } = state;
  const pending = Math.max(0, state.pending - (stored - state.storedThen));
  const { online, firstSeen, lastSeen, lastTime, pauseMs } = state;
  return {
    device,
    recorded: stored + gaps + pending,
    stored,
    pending,
    gaps,
    missing,
    duplicates,
    dropped,
    backlog,
    refused,
    dead,
    clockWrong,
    clockOffsetMs,
    intervalMs: silentAfterMs(state) === Infinity ? null : Math.round(pauseMs),
    silent: state.silentSince !== null,
    online,
    firstSeen,
    lastSeen,
    watermark: lastTime === 0 ? null : lastTime,
  };
}

/** Sequences between those that came; a block of another start of the agent begins anew. */
function holesOf({ floor, runs }: ReceivedState): number {
  let holes = 0;
  let next = floor;
  for (const [first, last] of runs) {
    const blockStart = Math.floor(first / BLOCK) * BLOCK || 1;
    holes += Math.max(0, first - Math.max(next, blockStart));
    next = last + 1;
  }
  return holes;
}
