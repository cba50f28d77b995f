import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { serve } from '@linnet/server';
import { Link } from '../../test/link.ts';
import { compare, EPSILON, EVERY_MS, readings } from '../../test/series.ts';
import { gateway, type GatewayOptions } from '../index.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-gateway-'));
after(() => rmSync(root, { recursive: true, force: true }));

const portOf = (url: string): number => Number(new URL(url).port);

test('restarts of both sides and drops of the link: the cloud has every instant within its bound', async () => {
  const data = join(root, 'cloud');
  let server = await serve({ data, mqtt: { port: 0 } });
  const link = await Link.open(portOf(server.url));
  const options: GatewayOptions = {
    id: 'gw-1',
    up: link.url,
    data: join(root, 'gateway'),
    epsilons: { temperature: EPSILON },
    everyMs: EVERY_MS,
    deadline: 4,
    heartbeat: 20,
    tolerance: 0,
    predictor: 'auto',
  };
  let near = await gateway(options);
  const feed = (from: number, to: number): void =>
    readings(from, to).forEach((reading) => near.read(reading));
  feed(0, 100);
  assert.ok(await near.drained(20_000));
  link.cut();
  feed(100, 180);
  link.mend(portOf(server.url));
  feed(180, 200);
  // The gateway restarts with messages on disk and a timer that may run.
  await near.close();
  near = await gateway(options);
  feed(200, 260);
  await server.close();
  feed(260, 300);
  server = await serve({ data, mqtt: { port: 0 } });
  link.mend(portOf(server.url));
  feed(300, 400);
  near.flush();
  assert.ok(await near.drained(60_000), 'the cloud has stored everything');
  const { messages } = near.counts;
  await near.close();
  await server.close();
  link.close();
  const { statuses } = compare(data, 'gw-1', 400);
  assert.ok((statuses.get(2) ?? 0) > 300 && messages < 80, `${JSON.stringify([...statuses])}, ${messages}`);
});

test('linnet gateway --up is killed and fed again from the start: nothing is lost, nothing twice', async () => {
  const data = join(root, 'cloud-2');
  const server = await serve({ data, mqtt: { port: 0 } });
  const main = join(import.meta.dirname, '../../../../apps/cli/src/main.ts');
  const start = (): ChildProcess =>
    spawn(
      process.execPath,
      [
        '--conditions=source',
        main,
        ...'gateway --id gw-2 --resample 1min --epsilon temperature=0.5 --deadline 4'.split(' '),
        '--up',
        server.url,
        '--data',
        join(root, 'gateway-2'),
      ],
      { stdio: ['pipe', 'ignore', 'pipe'] },
    );
  const lines = (from: number, to: number): string =>
    readings(from, to)
      .map((reading) => `${JSON.stringify(reading)}\n`)
      .join('');
  const first = start();
  await once(first.stderr as NodeJS.ReadableStream, 'data');
  first.stdin?.write(lines(0, 150));
  const stats = new HistoryWatch(data, 'gw-2/1');
  await stats.atLeast(50);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const second = start();
  let told = '';
  second.stderr?.on('data', (text: Buffer) => (told += text.toString()));
  second.stdin?.end(lines(0, 300));
  const [code] = (await once(second, 'exit')) as [number];
  assert.equal(code, 0, told);
  assert.match(told, /readings, \d+ messages/);
  await server.close();
  compare(data, 'gw-2', 300);
});

/** Waits until the store has so many readings of a sensor. */
class HistoryWatch {
  private readonly data: string;
  private readonly sensor: string;

  constructor(data: string, sensor: string) {
    this.data = data;
    this.sensor = sensor;
  }

  async atLeast(count: number): Promise<void> {
    for (;;) {
      const db = openStoreReadOnly(this.data);
      const found = new HistoryReader(db).extents().find(({ sensor }) => sensor === this.sensor);
      db.close();
      if ((found?.readings ?? 0) >= count) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
