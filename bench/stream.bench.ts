/**
 * The stream flow of examples/purpleair-stream as a person runs it, start-up included, over the snapshot as JSON lines, 20 times over.
 * Its limit is a process that does nothing but JSON.parse of the same bytes.
 */
import { join } from 'node:path';
import { purpleAirLines } from './lines-file.ts';
import { processSeconds } from './process-seconds.ts';
import type { Scenario } from './scenario.ts';

const TIMES = 20;

const cli = join(import.meta.dirname, '../apps/cli/src/main.ts');
const example = join(import.meta.dirname, '../examples/purpleair-stream/flow.ts');
const alone = join(import.meta.dirname, 'json-parse-main.ts');

export const scenarios: readonly Scenario[] = [
  {
    id: 'stream-flow',
    unit: 'records/s',
    // Of what JSON.parse alone reaches on the same bytes.
    target: { timesPeer: 0.6 },
    peer: {
      name: 'JSON.parse alone',
      prepare() {
        const { path, records } = purpleAirLines(TIMES);
        return () => records / processSeconds([alone, path], {});
      },
    },
    prepare() {
      const { path, records } = purpleAirLines(TIMES);
      return () => records / processSeconds([cli, 'run', example], { INPUT: path });
    },
  },
];
