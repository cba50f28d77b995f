/** Alerts of the example reach a real endpoint, whatever it does meanwhile. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { linnet } from '../../test/run-linnet.ts';

const FLOW = join(import.meta.dirname, 'flow.ts');
const folder = mkdtempSync(join(tmpdir(), 'linnet-alerts-'));
const input = join(folder, 'air.csv');
after(() => rmSync(folder, { recursive: true }));

before(async () => {
  const made = await linnet([
    'simulate',
    'air',
    '--sensors',
    '40',
    '--days',
    '30',
    '--seed',
    '1',
    '--out',
    input,
  ]);
  assert.equal(made.code, 0, made.stderr);
});

/** @param port 0: any */
async function endpoint(port: number, bodies: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      response.end('ok');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('alerts wait in the recovery folder while Slack is dead, and arrive once each, in order, when it is back', async () => {
  const bodies: string[] = [];
  const first = await endpoint(0, bodies);
  const { port } = first.address() as AddressInfo;
  first.close();
  await once(first, 'close');
  const recovery = join(folder, 'state');
  const run = () =>
    linnet(['run', FLOW, '--recovery', recovery, '--output', 'json'], {
      env: { INPUT: input, SLACK_WEBHOOK_URL: `http://127.0.0.1:${port}/services/secret` },
    });
  const dead = await run();
  const reports = dead.stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as { malfunction: boolean; region: string });
  assert.ok(reports.length > 5, dead.stdout);
  assert.equal(dead.code, 1);
  assert.match(
    dead.stderr,
    new RegExp(`could not deliver ${reports.length} records: they wait in the recovery folder`),
  );
  assert.ok(!dead.stderr.includes('/services/secret'));
  const second = await endpoint(port, bodies);
  const alive = await run();
  second.close();
  assert.equal(alive.code, 0, alive.stderr);
  assert.equal(alive.stdout, '');
  const titles = bodies.map((body) => (JSON.parse(body) as { text: string }).text.split(':')[0]);
  assert.deepEqual(
    titles,
    reports.map(({ malfunction }) => (malfunction ? 'Malfunctioning Sensor' : 'Suspected Smoke Event')),
  );
});

test('ALERTS=file appends a line an alert', async () => {
  const path = join(folder, 'alerts.jsonl');
  const run = await linnet(['run', FLOW], { env: { INPUT: input, ALERTS: 'file', ALERTS_FILE: path } });
  assert.equal(run.code, 0, run.stderr);
  const alerts = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.equal(alerts.length, run.stdout.trimEnd().split('\n').length);
  assert.deepEqual(Object.keys(JSON.parse(alerts[0] as string) as object).slice(0, 4), [
    'title',
    'region',
    'sensors',
    'start',
  ]);
});

test('ALERTS=webhook without its secret is refused before any work', async () => {
  const run = await linnet(['run', FLOW], {
    env: { INPUT: input, ALERTS: 'webhook', LINNET_WEBHOOK_URL: 'http://127.0.0.1:1/' },
  });
  assert.equal(run.code, 1);
  assert.match(run.stderr, /LINNET_WEBHOOK_SECRET/);
});
