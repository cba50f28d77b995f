import { setTimeout as wait } from 'node:timers/promises';
import { partitionOf } from '@linnet/connectors/kafka';
import { expect } from '../../cases.ts';
import type { Case } from '../case.ts';
import { deleteRecords } from '../delete-records.ts';
import { readings } from '../readings.ts';
import { FLOW, LANES, compare } from '../world.ts';
import { linnet } from '../../run-linnet.ts';

const GONE = 0;

/** The input was deleted before it was read: the flow must not go on as if nothing were missing. */
export const retention: Case = {
  name: 'a committed offset below retention',
  async run(world) {
    const app = 'retention';
    const topic = `${app}-in`;
    const feeder = await world.feeder(topic);
    const all = readings(4000);
    const before = all.slice(0, 2000);
    await feeder.feed(before);
    await feeder.flush();
    const fleet = world.fleet(app, topic);
    fleet.start('m0');
    await world.caughtUp(app);
    // Handled is not committed yet, and what was not committed would be done again, if it were there still.
    const tenths = (lines: readonly string[]) => lines.filter((line) => line.startsWith('tenths'));
    const wanted = tenths(await world.expected(app, before));
    for (const until = Date.now() + 60_000; Date.now() < until; await wait(200))
      if (tenths(await world.outputs(app)).length >= wanted.length) break;
    await fleet.kill('m0', new Promise(() => undefined));
    await feeder.feed(all.slice(2000));
    await feeder.flush();
    await deleteRecords(world.kafka, topic, GONE);
    const place = ['--kafka', world.kafka.bootstrap, '--app', app, '--topic', topic];
    const { code, stderr } = await linnet(['run', FLOW, ...place, '--state', `${world.kafka.folder}/other`]);
    expect(code === 1, `it ended with ${code}: ${stderr}`);
    expect(
      /retention-in, partition 0: the flow had come to offset [1-9]\d*, but the topic begins at \d+.*deleted [1-9]\d* records/.test(
        stderr,
      ),
      `it did not say what is missing: ${stderr}`,
    );
    // What was handled before is there, once; windows are open still, or not.
    const kept = compare(wanted, tenths(await world.outputs(app)));
    // What it says to do is done: begun anew under another name, over what is left.
    const anew = world.fleet(`${app}-anew`, topic);
    await feeder.end();
    anew.start('m0');
    await anew.ended();
    const left = all.filter(({ sensor }) => partitionOf(Buffer.from(sensor), LANES) !== GONE);
    const judged = await world.judge(`${app}-anew`, left);
    return {
      what: 'ends with exit 1 and says so; begun anew over what is left',
      inputs: before.length + judged.inputs,
      expected: wanted.length + judged.expected,
      missing: kept.missing + judged.missing,
      duplicated: kept.duplicated + judged.duplicated,
    };
  },
};
