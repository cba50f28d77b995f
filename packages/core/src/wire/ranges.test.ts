import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RangeSet, runsOf } from './ranges.ts';

test('a range set agrees with a plain set after any order of additions and removals', () => {
  const step = fc.oneof(
    fc.tuple(fc.constant('remove' as const), fc.nat(60), fc.nat(6)),
    fc.tuple(fc.constant('add' as const), fc.nat(60), fc.nat(6)),
    fc.tuple(fc.constant('below' as const), fc.nat(60), fc.constant(0)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const set = new RangeSet();
      const model = new Set<number>();
      for (const [kind, value, more] of steps) {
        if (kind === 'add') {
          const before = model.size;
          for (let i = value; i <= value + more; i++) model.add(i);
          assert.equal(set.add(value, value + more), model.size - before);
        } else if (kind === 'remove') {
          const before = model.size;
          for (let i = value; i <= value + more; i++) model.delete(i);
          assert.equal(set.remove(value, value + more), before - model.size);
        } else {
          set.removeBelow(value);
          for (const member of model) if (member < value) model.delete(member);
        }
        const sorted = [...model].toSorted((a, b) => a - b);
        assert.deepEqual(set.toRuns(), runsOf(sorted));
        assert.equal(set.size, model.size);
        assert.equal(set.first, sorted[0]);
        assert.equal(set.last, sorted.at(-1));
        for (let i = 0; i <= 70; i += 7) assert.equal(set.has(i), model.has(i));
        assert.equal(set.countIn(10, 40), sorted.filter((member) => member >= 10 && member <= 40).length);
      }
    }),
  );
});
