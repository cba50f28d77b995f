/** `linnet serve` and `linnet fleet` as their users call them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { RawClient } from '../../../../packages/server/test/raw-client.ts';
import { linnet } from '../../../../test/run-linnet.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-serve-cli-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('a plain device publishes, an anomaly is told, the fleet is listed, the readings are queried', async () => {
  const data = join(root, 'data');
  const run = await linnet(
    `serve --mqtt --port 0 --data ${data} --warm-up 5 --output json --alert file:${root}/alerts.jsonl`.split(
      ' ',
    ),
    {
      during: async (child) => {
        const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
        const [line] = (await once(lines, 'line')) as [string];
        const port = Number(/listening on mqtt:\/\/127\.0\.0\.1:(\d+), /.exec(line)?.[1]);
        const client = new RawClient(port);
        assert.equal(await client.connect(), 0);
        for (const t of [20, 21, 20, 21, 20, 21, 20, 90])
          assert.ok(await client.publish('tele/p-1', `{"t":${t}}`));
        client.close();
        child.kill('SIGTERM');
      },
    },
  );
  assert.equal(run.code, 0, run.stderr);
  assert.equal(readFileSync(join(root, 'alerts.jsonl'), 'utf8'), run.stdout);
  const alert = JSON.parse(run.stdout) as Record<string, unknown>;
  assert.deepEqual(
    [alert['alert'], alert['sensor'], alert['metric'], alert['value']],
    ['anomaly', 'p-1', 't', 90],
  );
  const fleet = await linnet(['fleet', '--data', data, '--output', 'json']);
  const device = JSON.parse(fleet.stdout) as Record<string, unknown>;
  assert.deepEqual(
    [device['device'], device['stored'], device['gaps'], device['silent']],
    ['p-1', 8, 0, false],
  );
  assert.match((await linnet(['fleet', '--data', data])).stdout, /p-1 +8 +8 +0 +0 +0 +0 +0 +0/);
});

test('what cannot be is said in one line, and nothing is left behind', async () => {
  const bad = join(root, 'bad.json');
  writeFileSync(bad, '{"topics":[{"topic":"tele/{device}","decoder":"xml"}]}');
  for (const [args, code, says] of [
    [[], 2, /give --mqtt/],
    [['--mqtt', '--port', '99999'], 2, /port from 0 to 65535/],
    [['--mqtt', '--alert', 'pigeon'], 2, /slack, webhook or file:PATH/],
    [['--mqtt', '--alert', 'slack'], 1, /SLACK_WEBHOOK_URL/],
    [['--mqtt', '--tls-cert', 'c'], 2, /needs both --tls-cert and --tls-key/],
    [['--mqtt', '--tls-cert', 'c', '--tls-key', 'k'], 1, /cannot read c/],
    [['--mqtt', '--mapping', 'no.json'], 1, /cannot read the mapping no\.json/],
    [['--mqtt', '--mapping', bad], 1, /bad\.json: topics\[0\]\.decoder "xml" is unknown/],
    [['--mqtt', '--window', '5', '--warm-up', '9'], 1, /never reached in a window of 5/],
    [['--mqtt', '--host', 'no.such.host.invalid'], 1, /cannot listen on no\.such\.host/],
  ] as const) {
    const run = await linnet(['serve', '--data', join(root, 'none'), ...args]);
    assert.equal(run.code, code, run.stderr);
    assert.match(run.stderr, says);
  }
  assert.ok(!existsSync(join(root, 'none')));
  const fleet = await linnet(['fleet', '--data', join(root, 'none')]);
  assert.match(fleet.stderr, /there is no store/);
  assert.equal(fleet.code, 1);
});

test('five readings can never reach a threshold of 2, and that is said', async () => {
  const run = await linnet(
    ['serve', '--mqtt', '--port', '0', '--data', join(root, 'five'), '--window', '5', '--warm-up', '5'],
    {
      during: async (child) => {
        const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
        for await (const line of lines) if (line.includes('listening')) break;
        child.kill('SIGTERM');
      },
    },
  );
  assert.equal(run.code, 0);
  assert.match(run.stderr, /warning: with 5 readings \|z\| is at most √\(n - 1\) = 2/);
});

test('--health: it lives at once, is ready when what it needs is there, counts alerts, and ends with it', async () => {
  let port = 0;
  const data = join(root, 'health');
  const run = await linnet(
    `serve --mqtt --port 0 --health 0 --warm-up 5 --data ${data} --output json`.split(' '),
    {
      during: async (child) => {
        const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
        let mqtt = 0;
        for await (const line of lines) {
          port ||= Number(/health at http:\/\/127\.0\.0\.1:(\d+)\/ready/.exec(line)?.[1] ?? 0);
          mqtt = Number(/listening on mqtt:\/\/127\.0\.0\.1:(\d+), /.exec(line)?.[1] ?? 0);
          if (mqtt > 0) break;
        }
        const ready = await linnet(['health', String(port)]);
        assert.deepEqual([ready.code, ready.stdout], [0, 'ready\n']);
        const client = new RawClient(mqtt);
        await client.connect();
        const told = once(child.stdout as NodeJS.ReadableStream, 'data');
        for (const t of [20, 21, 20, 21, 20, 21, 20, 90]) await client.publish('tele/p-1', `{"t":${t}}`);
        await told;
        client.close();
        const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        assert.match(metrics, /^linnet_serve_alerts_total 1$/m);
        assert.match(metrics, /^linnet_serve_trouble\{part="store"\} 0$/m);
        child.kill('SIGTERM');
      },
    },
  );
  assert.equal(run.code, 0, run.stderr);
  const gone = await linnet(['health', String(port)]);
  assert.equal(gone.code, 1);
});

test('--health: not ready while the broker of others is away', async () => {
  const args = `serve --broker mqtt://127.0.0.1:1 --health 0 --data ${join(root, 'away')}`.split(' ');
  const run = await linnet(args, {
    during: async (child) => {
      const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
      let address = '';
      for await (const line of lines) {
        address ||= /http:\/\/(\S+)\/ready/.exec(line)?.[1] ?? '';
        if (line.includes('trying again')) break;
      }
      assert.equal((await linnet(['health', '--live', address])).code, 0);
      const ready = await linnet(['health', address]);
      assert.equal(ready.code, 1);
      assert.match(ready.stderr, /^linnet: broker: .*mqtt:\/\/127\.0\.0\.1:1/);
      child.kill('SIGTERM');
    },
  });
  assert.equal(run.code, 0, run.stderr);
});
