/**
 * `npm run bench [-- [--peers] [--json] [--list] [--rounds N] PATTERN…]`: measures every scenario of bench/*.bench.ts whose id holds
 * a pattern, and prints its figure with its target and its peer's. `--peers` runs the peers here and now; without it the
 * figures recorded with the scenarios stand beside ours.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { Peers } from './peers.ts';
import { asData, TableLines, type PeerFigure } from './report.ts';
import { figureOf, type Figure, type Scenario } from './scenario.ts';

interface Located {
  readonly file: string;
  readonly scenario: Scenario;
}

const { options, patterns } = readArguments();
const chosen = await choose(patterns);
if (options.list) {
  for (const { scenario } of chosen) process.stdout.write(`${scenario.id}\n`);
  process.exit(0);
}
const peers = options.peers ? new Peers() : undefined;
const table = new TableLines(chosen.map(({ scenario }) => scenario.id));
if (!options.json) process.stdout.write(`${table.head}\n`);
for (const located of chosen) await one(located);

async function one({ file, scenario }: Located): Promise<void> {
  try {
    const scripted = scriptFigure(scenario);
    const { own, peer, notes } = await measure(file, scenario, options.rounds);
    const beside: PeerFigure | undefined =
      peer === undefined
        ? scripted
        : { name: (scenario.peer as { name: string }).name, figure: peer, recorded: false };
    const result = { scenario, own, peer: beside };
    if (options.json) process.stdout.write(`${JSON.stringify({ ...asData(result), notes })}\n`);
    else process.stdout.write(`${table.row(result)}\n${notes === undefined ? '' : `\n${notes}\n\n`}`);
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(
      `bench: ${scenario.id}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}

/** The figure of a peer that is a script: of a run just before, or else the recorded one. */
function scriptFigure({ id, peer }: Scenario): PeerFigure | undefined {
  if (peer === undefined || 'prepare' in peer) return undefined;
  const { name, recorded, script, requirements } = peer;
  if (peers === undefined || script === undefined)
    return { name, figure: figureOf([recorded]), recorded: true };
  const values = peers.run(script, requirements)[peer.figure ?? id];
  if (values === undefined) throw new Error(`peers/${script} printed no figure ${peer.figure ?? id}`);
  const figure: Figure = figureOf(values);
  return { name, figure, recorded: false };
}

async function choose(parts: readonly string[]): Promise<Located[]> {
  const all: Located[] = [];
  for (const file of globSync(join(import.meta.dirname, '*.bench.ts')).toSorted()) {
    const { scenarios } = (await import(pathToFileURL(file).href)) as { scenarios: readonly Scenario[] };
    all.push(...scenarios.map((scenario) => ({ file, scenario })));
  }
  const ids = all.map(({ scenario }) => scenario.id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) fail(`two scenarios have the id ${twice}`);
  const missed = parts.find((part) => !ids.some((id) => id.includes(part)));
  if (missed !== undefined) fail(`no scenario's id holds "${missed}"; --list prints them all`);
  return all.filter(({ scenario }) => parts.length === 0 || parts.some((part) => scenario.id.includes(part)));
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        peers: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        rounds: { type: 'string' },
      },
    });
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
      throw new Error('--rounds takes a whole number above 0');
    }
    return { options: { ...values, rounds }, patterns: positionals };
  } catch (error) {
    return fail((error as Error).message.split('. ')[0] ?? '');
  }
}

function fail(why: string): never {
  process.stderr.write(
    `bench: ${why}\nusage: npm run bench -- [--peers] [--json] [--list] [--rounds N] [PART OF AN ID…]\n`,
  );
  process.exit(2);
}
