/** One scenario in a process of its own: FILE ID ROUNDS WARMUP; measure.ts starts it and takes its message. */
import { pathToFileURL } from 'node:url';
import type { FromProcess } from './measure.ts';
import type { Scenario } from './scenario.ts';

const [file = '', id = '', rounds = '1', warmup = '0'] = process.argv.slice(2);

async function run(): Promise<FromProcess> {
  const { scenarios } = (await import(pathToFileURL(file).href)) as { scenarios: readonly Scenario[] };
  const scenario = scenarios.find((candidate) => candidate.id === id);
  if (scenario === undefined) throw new Error(`${file} has no scenario ${id}`);
  const { peer: beside } = scenario;
  const round = await scenario.prepare();
  const peerRound = beside !== undefined && 'prepare' in beside ? await beside.prepare() : undefined;
  const own: number[] = [];
  const peer: number[] = [];
  for (let turn = -Number(warmup); turn < Number(rounds); turn++) {
    globalThis.gc?.();
    const value = await round();
    const peerValue = await peerRound?.();
    if (turn < 0) continue;
    own.push(value);
    if (peerValue !== undefined) peer.push(peerValue);
  }
  const notes = scenario.notes?.();
  return { own, peer, ...(notes !== undefined && { notes }) };
}

const said: FromProcess = await run().catch((error: unknown) => ({
  failed: error instanceof Error ? error.message : String(error),
}));
process.send?.(said, () => process.exit());
