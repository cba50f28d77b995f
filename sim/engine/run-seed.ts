import { runLocal, type Sink } from '@linnet/core';
import { deserialize, serialize } from 'node:v8';
import { Disk } from '../disk.ts';
import { Crash, World } from '../world.ts';
import { LogBackend } from './log-backend.ts';
import { judge } from './oracle.ts';
import { makeFlow, makeScenario, makeSource, type Counted, type Gathered } from './scenario.ts';

const TABLES = new Set(['counts', 'table']);
const LIVES_MAX = 50;
const codec = {
  encode: (value: unknown) => new Uint8Array(serialize(value)),
  decode: (bytes: Uint8Array) => deserialize(bytes) as unknown,
};

/**
 * One run of a flow through crashes until it is done.
 * @returns what is wrong with what it produced, or nothing
 */
export async function runSeed(seed: number): Promise<string | undefined> {
  const world = new World(seed, 6);
  const scenario = makeScenario(world.chance);
  const disk = new Disk(world);
  const alerts: Gathered[] = [];
  const sink: Sink<Gathered> = {
    kind: 'outside',
    open: () => ({
      write: async (items) => {
        await Promise.resolve();
        for (const item of items) {
          world.effect('alert');
          alerts.push(item);
        }
      },
      close: () => Promise.resolve(),
    }),
  };
  for (let life = 0; life < LIVES_MAX; life++) {
    try {
      const backend = new LogBackend(disk, world, TABLES);
      const { graph } = makeFlow(scenario, makeSource(scenario, world), sink);
      const sleep = (ms: number) => {
        world.pass(ms);
        return Promise.resolve();
      };
      await runLocal(graph, {
        clock: world,
        codec,
        recovery: { backend, commitMs: world.chance.pick([0, 50, 200]), sleep },
        print: () => Promise.resolve(),
      });
      backend.close();
      const counts = (backend.tables.get('counts') ?? []) as Counted[];
      return judge(scenario, { counts, table: (backend.tables.get('table') ?? []) as Gathered[], alerts });
    } catch (error) {
      if (!(error instanceof Crash)) return `an error that is no crash: ${String(error)}`;
      disk.crash();
    }
  }
  return `not done after ${LIVES_MAX} lives`;
}
