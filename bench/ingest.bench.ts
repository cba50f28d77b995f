/** The embedded broker to committed store: `linnet serve --mqtt` in a process of its own, the load beside it on the same cores. */
import { deflateRawSync } from 'node:zlib';
import { generate } from 'mqtt-packet';
import { encodeFrame, encodePayload, type FrameRecord } from '@linnet/core/wire';
import { openAll, pump, startServer } from './mqtt-load.ts';
import type { Scenario } from './scenario.ts';

const MESSAGE_BYTES = 200;
const SINGLES = { connections: 50, each: 2000, window: 100 };
const BATCHES = { connections: 20, frames: 20, records: 240, window: 8 };
const FLEET = { connections: 2500, seconds: 10 };

export const scenarios: readonly Scenario[] = [
  {
    id: 'ingest-singles',
    unit: 'readings/s',
    target: 20_000,
    rounds: 3,
    async prepare() {
      const server = await startServer();
      const loads = await openAll(server.port, SINGLES.connections);
      const packets = loads.map((_, i) =>
        Array.from({ length: SINGLES.each }, (__, n) => publish(`tele/d-${i}`, reading(n), 1 + (n % 60_000))),
      );
      return () =>
        perSecond(SINGLES.connections * SINGLES.each, () =>
          Promise.all(loads.map((load, i) => pump(load, packets[i] as Uint8Array[], SINGLES.window))),
        );
    },
  },
  {
    id: 'ingest-batches',
    unit: 'readings/s',
    target: 200_000,
    rounds: 3,
    async prepare() {
      const server = await startServer();
      const loads = await openAll(server.port, BATCHES.connections);
      let round = 0;
      return () => {
        const first = 1 + round++ * BATCHES.frames * BATCHES.records;
        const packets = loads.map((_, i) =>
          Array.from({ length: BATCHES.frames }, (__, n) =>
            publish(`tele/a-${i}`, frame(`a-${i}`, first + n * BATCHES.records), n + 1),
          ),
        );
        return perSecond(BATCHES.connections * BATCHES.frames * BATCHES.records, () =>
          Promise.all(loads.map((load, i) => pump(load, packets[i] as Uint8Array[], BATCHES.window))),
        );
      };
    },
  },
  ...fleetScenarios(),
];

function fleetScenarios(): Scenario[] {
  let rss = 0;
  return [
    {
      id: 'ingest-2500-p99',
      unit: 'ms',
      target: 150,
      rounds: 2,
      async prepare() {
        const server = await startServer();
        const loads = await openAll(server.port, FLEET.connections);
        return async () => {
          const latencies = await oneASecond(loads);
          rss = server.rssMb();
          const sorted = latencies.toSorted((a, b) => a - b);
          return sorted[Math.floor(sorted.length * 0.99)] as number;
        };
      },
      notes: () =>
        `${FLEET.connections} connections at a message a second, from publish to the PUBACK that follows the commit; the server has ${rss.toFixed(0)} MB of memory, at most 400`,
    },
    {
      id: 'ingest-10000-idle',
      unit: 'MB',
      rounds: 1,
      fresh: true,
      async prepare() {
        const server = await startServer();
        const loads = await openAll(server.port, 10_000);
        return async () => {
          // All are still served.
          await Promise.all(loads.map((load, i) => pump(load, [publish(`tele/i-${i}`, reading(i), 1)], 1)));
          return server.rssMb();
        };
      },
    },
  ];
}

/** Each connection sends a message a second, spread over the second. @returns time from publish to PUBACK, which follows the commit */
async function oneASecond(loads: Awaited<ReturnType<typeof openAll>>): Promise<number[]> {
  const latencies: number[] = [];
  const sentAt = new Float64Array(loads.length);
  loads.forEach((load, i) => {
    load.onAck = () => latencies.push(performance.now() - (sentAt[i] as number));
  });
  const started = performance.now();
  const total = loads.length * FLEET.seconds;
  for (let next = 0; next < total;) {
    const due = ((performance.now() - started) / 1000) * loads.length;
    for (; next < total && next <= due; next++) {
      const i = next % loads.length;
      sentAt[i] = performance.now();
      loads[i]?.write(publish(`tele/f-${i}`, reading(next), 1 + Math.floor(next / loads.length)));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  while (latencies.length < total) await new Promise((resolve) => setTimeout(resolve, 10));
  return latencies;
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1000) / (performance.now() - started);
}

function reading(n: number): string {
  const text = JSON.stringify({
    temperature: 20 + (n % 100) / 10,
    humidity: 50 + (n % 7),
    pressure: 1013.25 + (n % 11),
  });
  return text.padEnd(MESSAGE_BYTES);
}

function frame(device: string, first: number): Buffer {
  const records = Array.from({ length: BATCHES.records }, (_, i): FrameRecord => {
    const n = first + i;
    const { temperature, humidity, pressure } = JSON.parse(reading(n)) as Record<string, number>;
    const payload = encodePayload({ temperature, humidity, pressure, pad: 'x'.repeat(MESSAGE_BYTES - 70) });
    return { sequence: n, at: Date.now(), mono: n, payload };
  });
  const now = { sentAt: Date.now(), sentMono: first + BATCHES.records };
  const head = {
    device,
    incarnation: '0123456789abcdef',
    live: false,
    urgent: false,
    floor: 1,
    prev: first - 1,
  };
  return Buffer.from(
    encodeFrame({ ...head, round: 1, bootFirst: 1, ...now, records }, (bytes) => deflateRawSync(bytes)),
  );
}

function publish(topic: string, payload: string | Buffer, messageId: number): Buffer {
  return generate({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false });
}
