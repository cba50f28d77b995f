import { join } from 'node:path';
import { readFleet } from '@linnet/server';
import { LedgerWriter } from '../../../apps/cli/src/simulate/fleet/ledger.ts';
import { expect } from '../../cases.ts';
import type { Case } from '../case.ts';
import { OwnDevice } from '../own-device.ts';
import type { World } from '../world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNREACHABLE = 'mqtt://127.0.0.1:1';
const READINGS = 40;
/** Enough for several segments. */
const REPLAYED = 200;
/** The stamp is taken just after the true time is noted. */
const STAMP_MS = 100;

/** Clocks that are wrong or jump, and segments that come back from a backup, move no watermark. */
export const clocks: Case = {
  name: 'clocks',
  async run(world: World) {
    const { folder } = world.options;
    const server = await world.serve();
    const broker = `mqtt://127.0.0.1:${server.port}`;
    const path = join(folder, 'ledger-0.txt');
    const ledger = new LedgerWriter(path);
    const make = (place: number) => new OwnDevice(place, join(folder, 'buffers'), ledger);
    const [right, ahead, behind, jumping, replayed] = [make(0), make(1), make(2), make(3), make(4)];
    const watermark = ({ name }: OwnDevice) =>
      readFleet(world.store).find(({ device }) => device === name)?.watermark ?? null;
    const follows = (device: OwnDevice, what: string) => {
      const [at, behindMs] = [watermark(device), device.lastAt - (watermark(device) ?? 0)];
      const holds = at !== null && Math.abs(behindMs) <= STAMP_MS;
      expect(holds, `${what}: the watermark is ${at}, the last reading of ${device.lastAt}`);
    };

    ahead.aheadMs = 30 * DAY_MS;
    behind.aheadMs = -5 * HOUR_MS;
    const steady = [right, ahead, behind, jumping];
    await Promise.all(steady.map((device) => device.start(broker)));
    await Promise.all(steady.map((device) => device.connected()));
    await recordAll(steady);
    follows(right, 'a right clock');
    follows(jumping, 'a clock before it jumps');
    const before = watermark(jumping);
    for (const [name, device] of Object.entries({ ahead, behind }))
      expect(watermark(device) === null, `a clock that is ${name} moved the watermark`);

    for (const jumpMs of [2 * HOUR_MS, -3 * HOUR_MS, 400 * DAY_MS]) {
      jumping.aheadMs = jumpMs;
      await recordAll([jumping]);
      expect(watermark(jumping) === before, `a jump of ${jumpMs} ms moved the watermark`);
    }
    jumping.aheadMs = 0;
    await recordAll([jumping]);
    follows(jumping, 'a clock that is right again');

    const files = await replay(replayed, broker, join(folder, 'backup'), () => watermark(replayed));
    follows(replayed, 'after the replay');
    const duplicates = readFleet(world.store).find(({ device }) => device === replayed.name)?.duplicates ?? 0;
    expect(duplicates > 0, 'the server saw nothing of the replayed segments');

    await Promise.all([...steady, replayed].map((device) => device.close()));
    ledger.close();
    const wrong = new Set([1, 2, 3]);
    const what = `clocks ahead, behind and jumping, ${files} segments replayed (${duplicates} readings came again), watermarks moved 0`;
    return { what, ...(await world.compare([path], wrong)) };
  },
};

/** Readings that are acknowledged and gone come back from a backup of the device's files. @returns how many files came back */
async function replay(
  device: OwnDevice,
  broker: string,
  backup: string,
  watermark: () => number | null,
): Promise<number> {
  await device.start(UNREACHABLE);
  await device.record(REPLAYED);
  device.backUp(backup);
  await device.close();
  await device.start(broker);
  await device.connected();
  await device.drained();
  await recordAll([device]);
  const before = watermark();
  await device.close();
  const files = device.putBack(backup);
  expect(files > 0, 'the device was done with no segment');
  await device.start(broker);
  await device.connected();
  await device.drained();
  expect(watermark() === before, 'replayed segments moved the watermark');
  await recordAll([device]);
  return files;
}

async function recordAll(devices: readonly OwnDevice[]): Promise<void> {
  await Promise.all(devices.map((device) => device.record(READINGS)));
  await Promise.all(devices.map((device) => device.drained()));
}
