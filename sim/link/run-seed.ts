import { World } from '../world.ts';
import { Channel } from './channel.ts';
import { Cloud } from './cloud.ts';
import { Gateway } from './gateway.ts';
import { judge } from './oracle.ts';
import { Prompt } from './prompt.ts';
import { makeScenario, type Scenario } from './scenario.ts';

const CRASHES = 8;
/** Instants after the end in which everything arrives: enough for a nack, its answer and the nack after that. */
const QUIET = 60;
const RETRY_EVERY = 5;

/**
 * One run of a gateway and its cloud over a bad link, through restarts of either.
 * @returns what is wrong at the end, or nothing
 */
export function runSeed(seed: number): string | undefined {
  const world = new World(seed, CRASHES);
  const scenario = makeScenario(world.chance);
  const [up, down] = [new Channel(world, scenario), new Channel(world, scenario)];
  const gateway = new Gateway(world, scenario, up);
  const cloud = new Cloud(world, down);
  const prompt = new Prompt(scenario, gateway, cloud);
  const { length } = scenario.rows;
  for (let tick = 0; tick < length; tick++) {
    exchange(tick, up, down, gateway, cloud);
    gateway.observe(tick);
    const wrong = prompt.look(tick);
    if (wrong !== undefined) return wrong;
  }
  finish(scenario, length, up, down, gateway, cloud);
  return judge(scenario, gateway, cloud);
}

function exchange(tick: number, up: Channel, down: Channel, gateway: Gateway, cloud: Cloud): void {
  for (const bytes of down.arrive(tick)) gateway.receive(bytes);
  for (const bytes of up.arrive(tick)) cloud.receive(bytes);
  if (tick % RETRY_EVERY === 0) cloud.retry();
}

function finish(
  { lateMax }: Scenario,
  from: number,
  up: Channel,
  down: Channel,
  gateway: Gateway,
  cloud: Cloud,
): void {
  up.mend();
  down.mend();
  // It may die on the way, a few times at most.
  while (!gateway.flush(from));
  for (let tick = from; tick < from + lateMax + QUIET; tick++) exchange(tick, up, down, gateway, cloud);
}
