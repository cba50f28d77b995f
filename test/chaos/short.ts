/** The short form of some cases as tests, over one broker. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skip } from '../kafka/here.ts';
import { seeded } from '../seeded.ts';
import type { Case } from './case.ts';
import { World } from './world.ts';

export function shortForm(cases: readonly Case[]): void {
  test('chaos, the short form', { skip }, async (t) => {
    const world = await World.start(seeded(1));
    t.after(() => world.stop());
    for (const { name, run } of cases)
      await t.test(`${name}: nothing is missing, nothing doubled`, async () => {
        await world.kafka.restart();
        const { inputs, expected, missing, duplicated } = await world.during(() => run(world, true));
        assert.ok(inputs > 0 && expected > 0);
        assert.deepEqual({ missing, duplicated }, { missing: 0, duplicated: 0 });
      });
  });
}
