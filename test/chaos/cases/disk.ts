import { writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, smallDisk } from '../../faults/tools.ts';
import { expect } from '../../cases.ts';
import type { Case } from '../case.ts';

/** The disk under the local stores is full for a while: the flow goes on, and a restart finds what it needs in the changelog. */
export const disk: Case = {
  name: 'a full disk under the local store',
  async run(world) {
    if (!isRoot) throw new Error('mounting a small disk needs root');
    const app = 'disk';
    const feeder = await world.feeder(`${app}-in`);
    const small = smallDisk('tmpfs', join(world.kafka.folder, 'small'), 2);
    try {
      const fleet = world.fleet(app, `${app}-in`, { state: small.path });
      let over = false;
      const feeding = feeder.keepFeeding(500, () => over);
      fleet.start('m0');
      await world.running(app, 1);
      fill(join(small.path, 'ballast'));
      await fleet.heard(/local store cannot be written to/);
      await fleet.kill('m0');
      await world.running(app, 1);
      rmSync(join(small.path, 'ballast'));
      over = true;
      await feeding;
      await feeder.end();
      await fleet.ended();
      expect(
        fleet.said.some((line) => /nothing is lost/.test(line)),
        'it did not say what the full disk means',
      );
    } finally {
      small.unmount();
    }
    return { what: 'goes on without', ...(await world.judge(app, feeder.fed)) };
  },
};

function fill(path: string): void {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(1024), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
