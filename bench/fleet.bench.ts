/** A whole fleet comes back after a day without a link: what its backlog does to the readings of the present. Devices, link and server share the cores. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { quantile } from '../apps/cli/src/simulate/fleet/compare.ts';
import { Devices } from '../apps/cli/src/simulate/fleet/devices.ts';
import { ServerProcess } from '../apps/cli/src/simulate/fleet/server-process.ts';
import type { Scenario } from './scenario.ts';

/** A reading a minute, as of the week's backlog of one device (10,080); FLEET_DRAIN_DEVICES scales it down. */
const FLEET = { devices: Number(process.env['FLEET_DRAIN_DEVICES'] ?? 2500), processes: 5, backlog: 1440 };
/** Live readings come more often than that, so that a percentile means something. */
const INTERVAL_MS = 10_000;
const IDLE_MS = 30_000;
/** A drain takes its time: what it must not do is hold up the present. */
const DRAIN_MS_MAX = 900_000;
const LOOK_MS = 200;

const notes: string[] = [];

export const scenarios: readonly Scenario[] = [
  {
    id: 'fleet-drain-live-p99',
    unit: 'x',
    better: 'lower',
    target: 2,
    rounds: 1,
    fresh: true,
    prepare: () => measure,
    notes: () => notes.join('\n'),
  },
];

/** @returns p99 of live readings while the backlog drains, as a multiple of that without backlog */
async function measure(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-fleet-'));
  const fail = (error: Error) => {
    throw error;
  };
  const command = [
    process.execPath,
    '--conditions=source',
    join(import.meta.dirname, '../apps/cli/src/main.ts'),
  ] as const;
  const store = join(folder, 'store');
  const server = new ServerProcess({ command, data: store, onFailure: fail });
  await server.start();
  const devices = await Devices.open({
    ...FLEET,
    run: 'bench',
    folder,
    intervalMs: INTERVAL_MS,
    seed: 1,
    faults: [],
    forMs: 0,
    lossPercent: 0,
    broker: `mqtt://127.0.0.1:${server.port}`,
    linked: true,
    onFailure: fail,
  });
  try {
    await devices.start();
    const up = Date.now();
    devices.record(up);
    const limit = up + DRAIN_MS_MAX;
    // What each has on disk now and then is a live reading under way.
    const isDrained = () =>
      devices.counts.connected === FLEET.devices && devices.counts.pending < FLEET.devices / 50;
    while (!isDrained()) {
      if (Date.now() > limit)
        throw new Error(`${devices.counts.pending} readings are left after ${DRAIN_MS_MAX / 1000} s`);
      await wait(LOOK_MS);
    }
    const idle = Date.now();
    await wait(IDLE_MS);
    const end = Date.now();
    await devices.drain(60_000);
    await server.stop();
    return told(store, devices.latencies(up, idle), devices.latencies(idle, end));
  } finally {
    devices.abandon();
    server.abandon();
    rmSync(folder, { recursive: true, force: true });
  }
}

function told(store: string, busy: Float64Array, calm: Float64Array): number {
  const { backlog, ms } = drained(store);
  const [p99, p99Idle] = [quantile(busy, 0.99), quantile(calm, 0.99)];
  const text = (sorted: Float64Array) =>
    `p50 ${quantile(sorted, 0.5).toFixed(1)} ms, p99 ${quantile(sorted, 0.99).toFixed(1)} ms of ${sorted.length}`;
  notes.push(
    `${FLEET.devices} devices, ${backlog} readings of backlog in ${(ms / 1000).toFixed(0)} s (${Math.round((backlog * 1000) / ms)} a second)`,
    `live, from record to the acknowledgement that follows the commit: ${text(busy)} while it drains; ${text(calm)} without`,
  );
  return p99 / Math.max(1, p99Idle);
}

/** How much backlog is stored, and how long it took from the first to the last of it. */
function drained(store: string): { backlog: number; ms: number } {
  let backlog = 0;
  let [first, last] = [Infinity, 0];
  const db = openStoreReadOnly(store);
  for (const { channels, time } of new HistoryReader(db).scan(['_received', '_backlog'])) {
    const { _received: received, _backlog: old } = channels as Record<string, Float64Array>;
    for (let row = 0; row < time.length; row++) {
      if (old?.[row] !== 1) continue;
      const came = received?.[row] as number;
      backlog++;
      [first, last] = [Math.min(first, came), Math.max(last, came)];
    }
  }
  db.close();
  return { backlog, ms: last - first };
}
