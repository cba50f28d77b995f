import { expect } from '../../cases.ts';
import type { Case } from '../case.ts';
import { VirtualFleet } from '../virtual-fleet.ts';
import type { World } from '../world.ts';

const MINUTE_MS = 60_000;
const RECORD_EVERY_MS = 10_000;
const DOWN_MS = 10 * MINUTE_MS;
const DRAIN_MS = 30 * MINUTE_MS;

/** The link of the whole fleet is down for ten minutes of virtual time, in which nobody stops recording. */
export const offline: Case = {
  name: 'offline',
  run(world: World) {
    const { seed, planted } = world.options;
    const devices = world.pick(2500, 100);
    const fleet = new VirtualFleet(seed, devices, RECORD_EVERY_MS);
    const { timeline } = fleet;
    fleet.start(2 * MINUTE_MS + DOWN_MS);
    timeline.run(MINUTE_MS);
    const before = fleet.rows.length;
    expect(before > devices, 'nothing was stored before the link went down');
    fleet.down();
    timeline.run(MINUTE_MS + DOWN_MS);
    const waiting = fleet.pending;
    expect(waiting > devices * 50, `only ${waiting} readings waited for the link`);
    fleet.up();
    timeline.run(2 * MINUTE_MS + DOWN_MS);
    timeline.run(2 * MINUTE_MS + DOWN_MS + DRAIN_MS, () => fleet.pending === 0);
    const rows = [...fleet.rows];
    if (planted === 'duplicated') rows.push(rows[0] as (typeof rows)[number]);
    if (planted === 'lost') rows.shift();
    const what = `link down 10 minutes of virtual time for ${devices} devices (${waiting} readings waited)`;
    return Promise.resolve({ what, ...fleet.count(rows) });
  },
};
