/** The agent of a device: how small it is, how fast it is there, what it sends. */
import { once } from 'node:events';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { agent } from '../packages/agent/src/index.ts';
import { startAedes } from '../packages/agent/test/brokers.ts';
import { detection } from './agent/detection.ts';
import {
  WEEK,
  newFolder,
  peakMb,
  processorMs,
  reading,
  recordWeek,
  startAgent,
  urlOf,
} from './agent/device.ts';
import { compiledAgent } from './agent/package.ts';
import { slowLink } from './agent/slow-link.ts';
import { startServer } from './mqtt-load.ts';
import { processSeconds } from './process-seconds.ts';
import { figureOf, type Scenario } from './scenario.ts';

const ROUND_TRIP_MS = 400;
const LIVE = 300;
const CHECKOUT = ['--conditions=source', join(import.meta.dirname, '../apps/cli/src/main.ts'), 'agent'];
/** Of a live device that sends its readings together. */
const TOGETHER = 60;

export const scenarios: readonly Scenario[] = [
  startScenario(),
  memoryScenario(),
  {
    id: 'agent-week-drain',
    unit: 's',
    target: 5,
    rounds: 3,
    warmup: 0,
    async prepare() {
      const server = await startServer();
      let turn = 0;
      return async () => {
        const id = `week-${turn++}`;
        const buffer = await recordWeek(id);
        const link = await slowLink(server.port, ROUND_TRIP_MS);
        const started = performance.now();
        const sending = await agent({ id, broker: `mqtt://127.0.0.1:${link.port}`, buffer });
        if (!(await sending.drained(60_000))) throw new Error(JSON.stringify(sending.stats()));
        const seconds = (performance.now() - started) / 1000;
        await sending.close();
        link.close();
        return seconds;
      };
    },
    notes: () =>
      `${WEEK} readings, a round trip of ${ROUND_TRIP_MS} ms, from the start of the agent to the last acknowledgement`,
  },
  {
    id: 'agent-wire-backlog',
    unit: 'B',
    better: 'lower',
    target: { timesPeer: 1 },
    rounds: 1,
    warmup: 0,
    peer: plainPeer(),
    prepare: () => backlogBytes,
    notes: () => `bytes a reading both ways on the socket, with all acknowledgements: a week of backlog`,
  },
  liveScenario(),
  detectionScenario(),
];

function startScenario(): Scenario {
  const worked: number[] = [];
  return {
    id: 'agent-start',
    unit: 'ms',
    target: 300,
    rounds: 7,
    peer: { name: 'node -e 0, spawn to end', prepare: () => () => 1000 * processSeconds(['-e', '0'], {}) },
    async prepare() {
      const main = compiledAgent();
      const broker = await startAedes();
      return async () => {
        const data = new Promise<number>((resolve) => {
          broker.broker.on('publish', ({ topic }) => {
            if (topic === 'tele/start') resolve(performance.now());
          });
        });
        const started = performance.now();
        const args = ['--id', 'start', '--broker', broker.url, '--buffer', newFolder(), '--wait', '1ms'];
        const child = startAgent(main, args);
        child.stdin?.write(`${JSON.stringify(reading(1))}\n`);
        const ms = (await data) - started;
        worked.push(processorMs(child.pid as number));
        broker.broker.removeAllListeners('publish');
        child.kill('SIGKILL');
        await once(child, 'exit');
        return ms;
      };
    },
    notes: () =>
      `linnet-agent, compiled: from spawn until its first reading is on disk, synced, and at the broker; ${figureOf(worked).median} ms of processor time`,
  };
}

function memoryScenario(): Scenario {
  let [detecting, fromCheckout] = [0, 0];
  return {
    id: 'agent-rss',
    unit: 'MB',
    target: 80,
    rounds: 3,
    warmup: 0,
    async prepare() {
      const main = compiledAgent();
      const server = await startServer();
      let turn = 0;
      const peak = async (command: readonly string[], more: readonly string[] = []) => {
        const id = `memory-${turn++}`;
        const args = [
          '--id',
          id,
          '--broker',
          `mqtt://127.0.0.1:${server.port}`,
          '--buffer',
          await recordWeek(id),
        ];
        const [first = '', ...rest] = command;
        const child = startAgent(first, [...rest, ...args, '--http', '0', ...more]);
        const url = await urlOf(child);
        child.stderr?.resume();
        for (let n = 0; n < 20; n++) {
          const body = JSON.stringify(Array.from({ length: 50 }, (_, i) => reading(WEEK + n * 50 + i)));
          await fetch(url, { method: 'POST', body });
        }
        await drained(url);
        const mb = peakMb(child.pid as number);
        child.kill('SIGTERM');
        await once(child, 'exit');
        return mb;
      };
      return async () => {
        detecting = await peak([main], ['--detect', 'half-space-trees']);
        fromCheckout = await peak(CHECKOUT);
        return peak([main]);
      };
    },
    notes: () =>
      `the most that it ever had, while a week of backlog was sent and 1,000 readings were taken in; with --detect half-space-trees ${detecting.toFixed(1)} MB, linnet agent from a checkout, not its first start, ${fromCheckout.toFixed(1)} MB`,
  };
}

async function drained(url: string): Promise<void> {
  for (;;) {
    const { pending } = (await (await fetch(`${url}/stats`)).json()) as { pending: number };
    if (pending === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function backlogBytes(): Promise<number> {
  const server = await startServer();
  const link = await slowLink(server.port, 0);
  const sending = await agent({
    id: 'wire',
    broker: `mqtt://127.0.0.1:${link.port}`,
    buffer: await recordWeek('wire'),
  });
  await sending.drained(60_000);
  const bytes = link.up() + link.down();
  await sending.close();
  return bytes / WEEK;
}

/** What a device does without Linnet: a message of JSON for each reading. */
function plainPeer() {
  return {
    name: 'plain JSON over QoS 1',
    prepare: () => async () => {
      const server = await startServer();
      const link = await slowLink(server.port, 0);
      const client = await connectAsync(`mqtt://127.0.0.1:${link.port}`, {
        clientId: 'wire',
        protocolVersion: 4,
      });
      const readings = Array.from({ length: LIVE }, (_, n) => JSON.stringify(reading(n)));
      for (const text of readings) await client.publishAsync('tele/wire', text, { qos: 1 });
      const bytes = link.up() + link.down();
      await client.endAsync();
      return bytes / LIVE;
    },
  };
}

function liveScenario(): Scenario {
  let together = 0;
  return {
    id: 'agent-wire-live',
    unit: 'B',
    better: 'lower',
    rounds: 1,
    warmup: 0,
    peer: plainPeer(),
    prepare: () => async () => {
      together = await liveBytes(TOGETHER);
      return liveBytes(1);
    },
    notes: () =>
      `each reading alone, until it is acknowledged; ${TOGETHER} together (--send-every): ${together.toFixed(1)} B`,
  };
}

async function liveBytes(groupOf: number): Promise<number> {
  const server = await startServer();
  const link = await slowLink(server.port, 0);
  const broker = `mqtt://127.0.0.1:${link.port}`;
  const sending = await agent({
    id: 'wire',
    broker,
    buffer: newFolder(),
    sendEveryMs: groupOf > 1 ? 100 : 0,
  });
  await sending.record(reading(0));
  await sending.drained(10_000);
  const before = link.up() + link.down();
  for (let n = 0; n < LIVE; n += groupOf) {
    await Promise.all(Array.from({ length: groupOf }, (_, i) => sending.record(reading(n + i))));
    await sending.drained(10_000);
  }
  const bytes = link.up() + link.down() - before;
  await sending.close();
  return bytes / LIVE;
}

function detectionScenario(): Scenario {
  const lines: string[] = [];
  return {
    id: 'agent-detect-false',
    unit: '%',
    better: 'lower',
    target: 1,
    rounds: 1,
    warmup: 0,
    prepare: () => async () => {
      for (const name of ['zscore', 'half-space-trees'] as const) {
        for (const size of [6, 3]) {
          const { falsePercent, foundPercent, readings, spikes } = await detection(name, size);
          lines.push(
            `${name}: told ${falsePercent.toFixed(2)}% of ${readings} ordinary readings; spikes of ${size} deviations: found ${foundPercent.toFixed(1)}% of ${spikes}`,
          );
        }
      }
      return (await detection('half-space-trees', 6)).falsePercent;
    },
    notes: () => lines.join('\n'),
  };
}
