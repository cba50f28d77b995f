/**
 * `npm run sim -- --seeds 10000 [--from SEED] [--part engine|fleet]`: the engine through crashes, torn writes, full disks and reordered
 * input; then agents, link and server through all that fails there. One run a seed. Prints runs a second; stops at the first seed
 * that fails, which reproduces it.
 */
import { parseArgs } from 'node:util';
import * as engine from './engine/run-seed.ts';
import * as fleet from './fleet/run-seed.ts';

const PARTS = { engine: engine.runSeed, fleet: fleet.runSeed };
const TEXT = { engine: 'the engine', fleet: 'agents, link and server' };

type Part = keyof typeof PARTS;

const { seeds, from, parts } = options();
let [part, running]: [Part, number] = ['engine', from];
// Where nothing is left to do before the run is done the process would end without a word.
process.on('exit', (code) => {
  if (code === 13) fail('it waits for ever');
});
for (part of parts) {
  const started = performance.now();
  for (running = from; running < from + seeds; running++) {
    const wrong = await PARTS[part](running);
    if (wrong !== undefined) fail(wrong);
  }
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `${TEXT[part]}: ${seeds} runs without a failure, ${Math.round(seeds / seconds)} runs/s\n`,
  );
}

function fail(wrong: string): never {
  process.stdout.write(
    `seed ${running} failed: ${wrong}\nagain: npm run sim -- --seeds 1 --from ${running} --part ${part}\n`,
  );
  process.exit(1);
}

function options(): { seeds: number; from: number; parts: Part[] } {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '2000' },
        from: { type: 'string', default: '1' },
        part: { type: 'string' },
      },
    });
    const [count, first] = [Number(values.seeds), Number(values.from)];
    if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(first) || first < 0)
      throw new Error('--seeds and --from take whole numbers, --seeds at least 1');
    if (values.part !== undefined && !(values.part in PARTS)) throw new Error('--part is engine or fleet');
    return {
      seeds: count,
      from: first,
      parts: values.part === undefined ? ['engine', 'fleet'] : [values.part as Part],
    };
  } catch (error) {
    process.stderr.write(`sim: ${(error as Error).message}\n`);
    process.exit(2);
  }
}
