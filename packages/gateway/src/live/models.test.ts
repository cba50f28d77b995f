import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { PREDICTORS } from '@linnet/core/transmit';
import { serve, type Alert } from '@linnet/server';
import { compare, EPSILON, EVERY_MS, readings, real, SENSORS, START } from '../../test/series.ts';
import { gateway, openModel, readModel } from '../index.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-models-'));
after(() => rmSync(root, { recursive: true, force: true }));

const LINK = {
  epsilons: { temperature: EPSILON },
  everyMs: EVERY_MS,
  deadline: 4,
  heartbeat: 20,
  tolerance: 0,
} as const;

/** A model that `linnet train lstm` makes of the three sensors' first 2,000 instants. */
function train(folder: string, name: string, options: string): string {
  const table = join(root, 'series.csv');
  const rows = Array.from({ length: 2000 }, (_, instant) => {
    const values = SENSORS.map((__, i) => real(i, instant) ?? '');
    return `${new Date(START + instant * EVERY_MS).toISOString()},${values.join(',')}`;
  });
  writeFileSync(table, `time,${SENSORS.join(',')}\n${rows.join('\n')}\n`);
  const file = join(folder, name);
  const main = join(import.meta.dirname, '../../../../apps/cli/src/main.ts');
  const args = ['--conditions=source', main, 'train', 'lstm', table, '--out', file, ...options.split(' ')];
  const trained = spawnSync(process.execPath, args);
  assert.equal(trained.status, 0, trained.stderr.toString());
  return file;
}

test('a model that both sides have is offered, tested and switched to', async () => {
  const [data, models] = [join(root, 'cloud'), join(root, 'models')];
  mkdirSync(models);
  const file = train(models, 'forecast.linnet', '--forecast 3 --look-back 4 --units 8 --epochs 2');
  const model = openModel(file);
  const server = await serve({ data, models, mqtt: { port: 0 } });
  const near = await gateway({
    id: 'gw-1',
    up: server.url,
    data: join(root, 'gateway'),
    ...LINK,
    predictor: { name: 'lstm', model: model.address },
    models: { find: model.find, models: [model.address] },
  });
  for (let from = 0; from < 300; from += 20) {
    readings(from, from + 20).forEach((reading) => near.read(reading));
    assert.ok(await near.drained(20_000));
  }
  near.flush();
  assert.ok(await near.drained(20_000));
  await near.close();
  await server.close();
  compare(data, 'gw-1', 300);
  const db = openStoreReadOnly(data);
  const { channels } = new HistoryReader(db).read('gw-1/1');
  db.close();
  const predictors = new Set(channels['_predictor']);
  assert.deepEqual([...predictors], [PREDICTORS.indexOf('linear'), PREDICTORS.indexOf('lstm')]);
});

test('detect with a model: what a sensor can never have is told at once, once, with its raw value and its name', async () => {
  const file = train(root, 'detect.linnet', '--units 16 --epochs 6 --activation tanh');
  const alerts: Extract<Alert, { alert: 'anomaly' }>[] = [];
  const server = await serve({
    data: join(root, 'cloud-2'),
    mqtt: { port: 0 },
    onAlert: (alert) => {
      if (alert.alert === 'anomaly' && alert.by === 'gateway') alerts.push(alert);
    },
  });
  const near = await gateway({
    id: 'gw-2',
    up: server.url,
    data: join(root, 'gateway-2'),
    ...LINK,
    predictor: 'auto',
    detect: readModel(file),
  });
  const feed = (from: number, to: number, change: (reading: Record<string, unknown>) => object): void => {
    for (const reading of readings(from, to)) near.read(change(reading as Record<string, unknown>));
  };
  feed(0, 400, (reading) => reading);
  feed(400, 402, (reading) => (reading['sensor'] === '4' ? { ...reading, temperature: 31.25 } : reading));
  feed(402, 440, (reading) => reading);
  near.flush();
  assert.ok(await near.drained(60_000));
  await near.close();
  await server.close();
  const own = alerts.filter(({ sensor, value }) => sensor === 'gw-2/4' && value === 31.25);
  assert.equal(own.length, 1, JSON.stringify(alerts));
  assert.equal(own[0]?.time, START + 400 * EVERY_MS);
  assert.ok((own[0]?.score ?? 0) > 1 && alerts.length <= 6, JSON.stringify(alerts));
});

test('a model that cannot judge this gateway is refused before anything is sent', async () => {
  const model = readModel(join(root, 'detect.linnet'));
  const options = { id: 'gw-3', up: 'mqtt://127.0.0.1:9', data: join(root, 'gateway-3'), ...LINK } as const;
  await assert.rejects(gateway({ ...options, predictor: 'auto', everyMs: 120_000, detect: model }), {
    code: 'config.invalid',
    message: /instants of 60000 ms, not 120000/,
  });
  const two = { temperature: 0.5, humidity: 2 };
  await assert.rejects(gateway({ ...options, predictor: 'auto', epsilons: two, detect: model }), {
    message: /one measure.*temperature, humidity/,
  });
});
