import { expect, type Case } from '../case.ts';
import { deleteRecords } from '../delete-records.ts';
import { readings } from '../readings.ts';
import { FLOW } from '../world.ts';
import { linnet } from '../../run-linnet.ts';

/** The input was deleted before it was read: the flow must not go on as if nothing were missing. */
export const retention: Case = {
  name: 'a committed offset below retention',
  async run(world) {
    const app = 'retention';
    const feeder = await world.feeder(`${app}-in`);
    const all = readings(4000);
    await feeder.feed(all.slice(0, 2000));
    await feeder.flush();
    const fleet = world.fleet(app, `${app}-in`);
    fleet.start('m0');
    await world.caughtUp(app);
    await fleet.kill('m0', new Promise(() => undefined));
    await feeder.feed(all.slice(2000));
    await feeder.flush();
    await deleteRecords(world.kafka, `${app}-in`, 0);
    const place = ['--kafka', world.kafka.bootstrap, '--app', app, '--topic', `${app}-in`];
    const { code, stderr } = await linnet(['run', FLOW, ...place, '--state', `${world.kafka.folder}/other`]);
    expect(code === 1, `it ended with ${code}: ${stderr}`);
    expect(
      /retention-in, partition 0: the flow had come to offset \d+, but the topic begins at \d+.*deleted [1-9]\d* records/.test(
        stderr,
      ),
      `it did not say what is missing: ${stderr}`,
    );
    // What was handled before is there, once.
    const found = await world.outputs(app);
    const before = await world.expected(app, all.slice(0, 2000));
    const tenths = (lines: readonly string[]) => lines.filter((line) => line.startsWith('tenths')).toSorted();
    const [own, wanted] = [tenths(found), tenths(before)];
    expect(JSON.stringify(own) === JSON.stringify(wanted), 'outputs of before are not as they were');
    return {
      what: 'ends with exit 1 and says so',
      inputs: 2000,
      expected: wanted.length,
      missing: 0,
      duplicated: 0,
    };
  },
};
