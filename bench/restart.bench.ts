/** A flow with 100,000 keys goes on: the whole command, from its start to its end, over an input that was read before. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';

const root = join(import.meta.dirname, '..');
const KEYS = 100_000;

const FLOW = `
import { flow, halfSpaceTrees, jsonLines, table, tumbling } from 'linnet';
const scored = flow('restart')
  .source('in', jsonLines(process.env.INPUT))
  .eventTime('time', { at: ({ time }) => time })
  .keyBy('sensor', ({ sensor }) => sensor)
  .model('detect', halfSpaceTrees({ features: ['value'], limits: { value: [0, 100] }, trees: 4, height: 3, window: 50 }));
export default scored.filter('strange', ({ score }) => score > 0.9).sink('out', table());
`;

export const scenarios: readonly Scenario[] = [
  {
    id: 'restart-100k-keys',
    unit: 's',
    target: 2,
    prepare() {
      const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-restart-'));
      process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
      const input = join(folder, 'input.jsonl');
      const flow = join(folder, 'flow.ts');
      const line = (i: number) =>
        `{"sensor":"sensor ${i % KEYS}","time":${1.7e12 + i * 10},"value":${(i * 37) % 101}}\n`;
      writeFileSync(input, Array.from({ length: 4 * KEYS }, (_, i) => line(i)).join(''));
      writeFileSync(flow, FLOW);
      const run = () => {
        const started = performance.now();
        const args = ['run', flow, '--recovery', join(folder, 'state')];
        const { status, stderr } = spawnSync(
          process.execPath,
          ['--conditions=source', join(root, 'apps/cli/src/main.ts'), ...args],
          { env: { ...process.env, INPUT: input }, encoding: 'utf8' },
        );
        if (status !== 0) throw new Error(stderr);
        return (performance.now() - started) / 1000;
      };
      run();
      return run;
    },
  },
];
