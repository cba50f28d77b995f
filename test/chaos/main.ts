/**
 * `npm run chaos [-- --short] [--seed N] [--verbose] [CASE…]`: runs a flow on a real broker while processes and broker die, stop and come back,
 * and compares what its sinks hold with what one process gives over the same readings. A CASE is a part of a case's
 * name; --verbose shows what the processes say. Exits 1 where an output is missing or there twice, or where a case could not do what it is for.
 */
import { parseArgs } from 'node:util';
import type { Case } from './case.ts';
import { CASES } from './cases.ts';
import { skip } from '../kafka/here.ts';
import { chosenOf, seedOf } from '../cases.ts';
import { seeded } from '../seeded.ts';
import { World, type Count } from './world.ts';

const { short, verbose, seed, chosen } = readArguments();
if (skip !== false) {
  process.stderr.write(`chaos: ${skip}\n`);
  process.exit(1);
}
const world = await World.start(
  seeded(seed),
  verbose ? (line) => process.stderr.write(`${line}\n`) : undefined,
);
let ended = false;
const end = async () => {
  if (ended) return;
  ended = true;
  await world.stop();
};
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => void end().finally(() => process.exit(130)));
const total = { inputs: 0, expected: 0, missing: 0, duplicated: 0 };
let failed = 0;
try {
  for (const one of chosen) if (!ended) await runCase(one);
} finally {
  await end().catch((error: unknown) => {
    failed++;
    process.stdout.write(`FAILED: ${(error as Error).message}\n`);
  });
}
process.stdout.write(`${textOf(total)}\n`);
process.exit(failed > 0 || total.missing + total.duplicated > 0 ? 1 : 0);

async function runCase({ name, run }: Case): Promise<void> {
  const started = performance.now();
  try {
    // It may have been left dead by the case before.
    await world.kafka.restart();
    const done = await world.during(() => run(world, short));
    total.inputs += done.inputs;
    total.expected += done.expected;
    total.missing += done.missing;
    total.duplicated += done.duplicated;
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(`${name}: ${done.what}; ${textOf(done)}; ${seconds} s\n`);
  } catch (error) {
    failed++;
    process.stdout.write(`${name}: FAILED: ${(error as Error).message}\n`);
  }
}

function textOf({ inputs, expected, missing, duplicated }: Count): string {
  return `inputs ${inputs}, outputs expected ${expected}, missing ${missing}, duplicated ${duplicated}`;
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        seed: { type: 'string', default: '1' },
      },
    });
    return {
      short: values.short,
      verbose: values.verbose,
      seed: seedOf(values.seed),
      chosen: chosenOf(CASES, positionals),
    };
  } catch (error) {
    process.stderr.write(`chaos: ${(error as Error).message}\n`);
    return process.exit(2);
  }
}
