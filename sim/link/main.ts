/**
 * `npm run sim:link -- --seeds 10000 [--from SEED]`: a gateway and its cloud over a link that loses, doubles, reorders and fails for a day,
 * through restarts of both. Stops at the first seed that fails, which reproduces it.
 */
import { parseArgs } from 'node:util';
import { runSeed } from './run-seed.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '2000' }, from: { type: 'string', default: '1' } },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];
if (!Number.isSafeInteger(seeds) || seeds < 1 || !Number.isSafeInteger(from)) {
  process.stderr.write('sim:link: --seeds and --from take whole numbers, --seeds at least 1\n');
  process.exit(2);
}
const started = performance.now();
for (let seed = from; seed < from + seeds; seed++) {
  const wrong = runSeed(seed);
  if (wrong === undefined) continue;
  process.stdout.write(
    `seed ${seed} failed: ${wrong}\nagain: npm run sim:link -- --seeds 1 --from ${seed}\n`,
  );
  process.exit(1);
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(`${seeds} runs without a failure, ${Math.round(seeds / seconds)} runs/s\n`);
