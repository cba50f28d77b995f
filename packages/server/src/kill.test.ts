/** The server killed with SIGKILL again and again, while an agent and a plain client go on. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { connect } from 'mqtt';
import { agent } from '@linnet/agent';
import { freePort } from '../../agent/test/brokers.ts';
import { newFolder, stored } from '../test/test-server.ts';

const MAIN = join(import.meta.dirname, '../../../apps/cli/src/main.ts');
const KILLS = 4;

async function start(port: number, data: string): Promise<ChildProcess> {
  const args = ['--conditions=source', MAIN, 'serve', '--mqtt', '--port', String(port), '--data', data];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  after(() => child.kill('SIGKILL'));
  await once(createInterface({ input: child.stderr as NodeJS.ReadableStream }), 'line');
  return child;
}

test(`killed ${KILLS} times: what was answered is stored, from an agent once, from a plain client at least once`, async () => {
  const [port, data] = [await freePort(), newFolder()];
  const url = `mqtt://127.0.0.1:${port}`;
  let server = await start(port, data);
  const a = await agent({ id: 'k-17', broker: url, buffer: newFolder() });
  const plain = connect(url, { clientId: 'p-1', clean: false, reconnectPeriod: 100 });
  plain.on('error', () => undefined);
  let n = 0;
  const acknowledged = new Set<number>();
  const published: Promise<unknown>[] = [];
  for (let kill = 0; kill <= KILLS; kill++) {
    const until = performance.now() + 400;
    while (performance.now() < until) {
      await a.record({ n });
      const own = n++;
      // While it reconnects this client refuses some at once: those it never took.
      const answered = () => acknowledged.add(own);
      published.push(
        plain.publishAsync('tele/p-1', `{"n":${own}}`, { qos: 1 }).then(answered, () => undefined),
      );
    }
    if (kill === KILLS) break;
    const over = once(server, 'exit');
    server.kill('SIGKILL');
    await over;
    server = await start(port, data);
  }
  await Promise.all(published);
  assert.ok(await a.drained(60_000), JSON.stringify(a.stats()));
  await a.close();
  await plain.endAsync();
  server.kill('SIGTERM');
  await once(server, 'exit');
  assert.deepEqual(
    stored(data, 'k-17', 'n'),
    Array.from({ length: n }, (_, i) => i),
  );
  // Not "once": MQTT.js sends again without saying DUP.
  const plainly = new Set(stored(data, 'p-1', 'n'));
  assert.deepEqual(
    [...acknowledged].filter((one) => !plainly.has(one)),
    [],
  );
  assert.ok(acknowledged.size > 0);
});
