import { runLocal, type Graph, type Sink } from '@linnet/core';
import type { RunOptions } from '@linnet/core/engine';
import { runWithCrew, stateCodec } from '@linnet/connectors/runtime';
import { Crash, World } from '../world.ts';
import { fewHotKeys } from './cold.ts';
import { simulatedCrew } from './crew.ts';
import {
  makeFlow,
  type Disbelieved,
  type LateForJoin,
  type Line,
  type Pair,
  type WindowLine,
} from './flow.ts';
import { LogStore } from './log-backend.ts';
import { judge } from './oracle.ts';
import { makeScenario, type Scenario } from './scenario.ts';
import { Ledger, makeSource } from './source.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

const LIVES_MAX = 60;
/** The embedded store is real, and costs more than the simulated one. */
const SQLITE_EVERY = 10;

/**
 * One run of a flow through crashes and stops until it is done.
 * @returns what is wrong with what it produced, or nothing
 */
export async function runSeed(seed: number): Promise<string | undefined> {
  const run = new SimulatedRun(seed);
  try {
    return await toEnd(run);
  } finally {
    run.remove();
  }
}

async function toEnd(run: SimulatedRun): Promise<string | undefined> {
  for (let life = 0; life < LIVES_MAX; life++) {
    try {
      if (await run.live()) return run.verdict();
    } catch (error) {
      if (!(error instanceof Crash)) return `an error that is no crash: ${(error as Error).stack}`;
      run.crash();
    }
  }
  return `not done after ${LIVES_MAX} lives`;
}

export class SimulatedRun {
  private readonly world: World;
  private readonly scenario: Scenario;
  private readonly ledger = new Ledger();
  private readonly store: Store;
  private readonly alerts: WindowLine[] = [];

  constructor(seed: number) {
    this.world = new World(seed, 6);
    this.scenario = makeScenario(this.world.chance);
    this.store = seed % SQLITE_EVERY === 0 ? new SqliteStore(this.world) : new LogStore(this.world);
  }

  /** One life of the process. @returns whether the input is done; otherwise it was told to stop */
  async live(): Promise<boolean> {
    const { world, scenario } = this;
    const { chance } = world;
    const backend = this.store.open(this.graph());
    let told = false;
    const options: RunOptions = {
      clock: world,
      codec: stateCodec,
      recovery: { backend, commitMs: scenario.commitMs, sleep: (ms) => this.sleep(ms) },
      print: () => Promise.resolve(),
      // The block that a stop adds must have the time of the last read: the ledger knows of reads alone.
      stopped: () => (told = this.ledger.latest === world.now() && chance.holds(0.02)),
    };
    const workers = chance.pick(scenario.workers);
    const hot = () => (chance.holds(0.5) ? fewHotKeys(1 + chance.int(4)) : undefined);
    const makeGraph = () => this.graph();
    const own = hot();
    if (workers === 0) await runLocal(makeGraph(), { ...options, ...(own !== undefined && { hot: own }) });
    else await runWithCrew(makeGraph(), { ...options, workers, start: simulatedCrew(makeGraph, world, hot) });
    backend.close();
    return !told;
  }

  crash(): void {
    this.store.crash();
    this.world.restart();
  }

  verdict(): string | undefined {
    const { store, scenario, ledger, alerts } = this;
    const produced = {
      lines: store.table('lines') as Line[],
      pairs: store.table('pairs') as Pair[],
      lateForJoins: store.table('late-for-joins') as LateForJoin[],
      disbelieved: scenario.sources.map((_, source) => store.table(`quarantine-${source}`) as Disbelieved[]),
      alerts,
    };
    const reads = ledger.history();
    const verdicts = ledger.endings().map((ended) => judge(scenario, reads, ended, produced));
    return verdicts.includes(undefined) ? undefined : verdicts[0];
  }

  remove(): void {
    this.store.remove();
  }

  private graph(): Graph {
    const { scenario, world, ledger, alerts } = this;
    const sources = scenario.sources.map((_, source) => makeSource(scenario, source, world, ledger));
    const sink: Sink<WindowLine> = {
      kind: 'outside',
      open: () => ({
        write: async (items) => {
          // A slow one: several epochs wait for it.
          for (let turns = world.chance.pick([1, 1, 100]); turns > 0; turns--) await Promise.resolve();
          for (const item of items) {
            world.effect('alert');
            alerts.push(item);
          }
        },
        close: () => Promise.resolve(),
      }),
    };
    return makeFlow(scenario, sources, sink).graph;
  }

  private sleep(ms: number): Promise<void> {
    this.world.pass(ms);
    return Promise.resolve();
  }
}
