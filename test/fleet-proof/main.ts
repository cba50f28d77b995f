/**
 * `npm run fleet-proof [-- --short] [--seed N] [--plant lost|duplicated] [CASE…]`: agents, link, broker and server fail in every way
 * that there is, and what was recorded is compared with what is stored, by numbers of the proof's own. A CASE is a part of a case's
 * name. `--plant` falsifies the evidence of each case, which must then fail. Exits 1 where a reading is lost, doubled or
 * out of order, or where a case could not do what it is for.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chosenOf, seedOf } from '../cases.ts';
import { seeded } from '../seeded.ts';
import type { Case, Count } from './case.ts';
import { agents } from './cases/agents.ts';
import { clocks } from './cases/clocks.ts';
import { embedded } from './cases/embedded.ts';
import { mosquitto } from './cases/mosquitto.ts';
import { offline } from './cases/offline.ts';
import { packetLoss } from './cases/packet-loss.ts';
import { server } from './cases/server.ts';
import type { Planted } from './plant.ts';
import { World } from './world.ts';

const CASES: readonly Case[] = [agents, mosquitto, embedded, server, offline, packetLoss, clocks];
/** Cases side by side in the short form. */
const SHORT_LANES = 3;
const PLANTED: readonly Planted[] = ['lost', 'duplicated'];

const { short, seed, planted, chosen } = readArguments();
const root = mkdtempSync(join(tmpdir(), 'linnet-fleet-proof-'));
const worlds = new Set<World>();
let failed = 0;
let skipped = 0;
process.on('exit', () => {
  for (const world of worlds) world.abandon();
  if (failed === 0 || planted !== undefined) rmSync(root, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
const total = { recorded: 0, stored: 0, lost: 0, duplicated: 0, outOfOrder: 0 };
const begun = performance.now();
// Of the short form most is waiting.
const waiting = [...chosen];
const lane = async () => {
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await runCase(one);
};
await Promise.all(Array.from({ length: short ? SHORT_LANES : 1 }, lane));
const seconds = Math.round((performance.now() - begun) / 1000);
const cases = `${chosen.length - skipped} cases, ${failed} failed, ${skipped} skipped`;
process.stdout.write(`fleet-proof: ${cases}; ${textOf(total)}; ${seconds} s\n`);
if (failed > 0 && planted === undefined) process.stdout.write(`what was left is in ${root}\n`);
process.exit(failed > 0 ? 1 : 0);

async function runCase({ name, skip, run }: Case): Promise<void> {
  const why = skip?.();
  if (why !== undefined) {
    skipped++;
    process.stdout.write(`${name}: skipped: ${why}\n`);
    return;
  }
  const started = performance.now();
  const folder = join(root, name);
  const own = new World({ folder, short, seed, random: seeded(seed), planted });
  worlds.add(own);
  try {
    const done = await own.during(() => run(own));
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += done[key];
    const whole = done.lost + done.duplicated + done.outOfOrder === 0;
    if (!whole) failed++;
    const took = Math.round((performance.now() - started) / 1000);
    process.stdout.write(`${whole ? '' : 'FAILED: '}${name}: ${done.what}; ${took} s; ${textOf(done)}\n`);
    if (whole) rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    failed++;
    process.stdout.write(`FAILED: ${name}: ${(error as Error).message}\n`);
  } finally {
    own.abandon();
    worlds.delete(own);
  }
}

function textOf({ recorded, stored, lost, duplicated, outOfOrder }: Count): string {
  return `recorded ${recorded}, stored ${stored}, out of order ${outOfOrder}, lost ${lost}, duplicated ${duplicated}`;
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        seed: { type: 'string', default: '1' },
        plant: { type: 'string' },
      },
    });
    const start = seedOf(values.seed);
    const planting = PLANTED.find((one) => one === values.plant);
    if (values.plant !== undefined && planting === undefined)
      throw new Error(`--plant ${values.plant}: it is one of ${PLANTED.join(', ')}`);
    return {
      short: values.short,
      seed: start,
      planted: planting,
      chosen: chosenOf(CASES, positionals),
    };
  } catch (error) {
    process.stderr.write(`fleet-proof: ${(error as Error).message.split('. ')[0]}\n`);
    return process.exit(2);
  }
}
