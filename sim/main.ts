/**
 * `npm run sim -- --seeds 10000 [--from SEED]`: the engine through crashes, torn writes, full disks and reordered input, one
 * run a seed. Prints runs a second; stops at the first seed that fails, which reproduces it.
 */
import { parseArgs } from 'node:util';
import { runSeed } from './engine/run-seed.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '2000' }, from: { type: 'string', default: '1' } },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];
if (!Number.isSafeInteger(seeds) || seeds < 1 || !Number.isSafeInteger(from)) {
  process.stderr.write('sim: --seeds and --from take whole numbers, --seeds at least 1\n');
  process.exit(2);
}
let running = from;
// Where nothing is left to do before the run is done the process would end without a word.
process.on('exit', (code) => {
  if (code === 13) fail('it waits for ever');
});
const started = performance.now();
for (; running < from + seeds; running++) {
  const wrong = await runSeed(running);
  if (wrong !== undefined) fail(wrong);
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(`${seeds} runs without a failure, ${Math.round(seeds / seconds)} runs/s\n`);

function fail(wrong: string): never {
  process.stdout.write(
    `seed ${running} failed: ${wrong}\nagain: npm run sim -- --seeds 1 --from ${running}\n`,
  );
  process.exit(1);
}
