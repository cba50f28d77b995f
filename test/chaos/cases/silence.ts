import { setTimeout as wait } from 'node:timers/promises';
import { partitionOf } from '@linnet/connectors/kafka';
import { expect } from '../../cases.ts';
import type { Case } from '../case.ts';
import { readings } from '../readings.ts';
import { LANES } from '../world.ts';

const SILENT = 2;

/** A partition from which nothing more comes must not hold the others' windows open. */
export const silence: Case = {
  name: 'a partition that falls silent',
  async run(world) {
    const app = 'silence';
    const feeder = await world.feeder(`${app}-in`);
    const fleet = world.fleet(app, `${app}-in`, { idle: '5s' });
    // All at once, so that only the partition that has no more falls silent, and not one that is being fed.
    const all = readings(8000).filter(
      (one, i) => i < 3000 || partitionOf(Buffer.from(one.sensor), LANES) !== SILENT,
    );
    await feeder.feed(all);
    await feeder.flush();
    for (const name of ['m0', 'm1']) fleet.start(name);
    const expected = await world.expected(app, all);
    const due = windowsBefore(expected, Math.max(...all.map(({ at }) => at)) - 10_000);
    let closed = 0;
    for (const until = Date.now() + 120_000; closed < due && Date.now() < until; await wait(500))
      closed = (await world.outputs(app).catch(() => [])).filter((line) => line.startsWith('windows')).length;
    expect(closed >= due, `${closed} of ${due} windows were closed while a partition was silent`);
    await feeder.end();
    await fleet.ended();
    return { what: `${closed} windows closed meanwhile`, ...(await world.judge(app, feeder.fed)) };
  },
};

function windowsBefore(lines: readonly string[], watermark: number): number {
  return lines.filter((line) => {
    if (!line.startsWith('windows ')) return false;
    const { start } = JSON.parse(line.slice('windows '.length)) as { readonly start: number };
    return start + 60_000 <= watermark;
  }).length;
}
