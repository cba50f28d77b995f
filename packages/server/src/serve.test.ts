import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { agent } from '@linnet/agent';
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { readFleet, serve } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-serve-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const folder = () => join(root, String(folders++));

function stored(data: string, device: string): number[] {
  const db = openStoreReadOnly(data);
  try {
    return [...(new HistoryReader(db).read(device).channels['n'] ?? [])];
  } finally {
    db.close();
  }
}

test('what an agent recorded offline and online is stored once, in order, and leaves its disk', async () => {
  const data = folder();
  const buffer = folder();
  const offline = await agent({ id: 'k-17', broker: 'mqtt://127.0.0.1:1', buffer });
  await Promise.all(Array.from({ length: 2500 }, (_, i) => offline.record({ n: i })));
  await offline.close();

  const server = await serve({ data, mqtt: { port: 0 } });
  after(() => server.close());
  const a = await agent({ id: 'k-17', broker: server.url, buffer });
  for (let i = 2500; i < 2600; i++) await a.record({ n: i });
  assert.ok(await a.drained(20_000), JSON.stringify(a.stats()));
  await a.close();
  const [device] = readFleet(data);
  assert.deepEqual(
    [device?.device, device?.stored, device?.recorded, device?.gaps, device?.missing, device?.duplicates],
    ['k-17', 2600, 2600, 0, 0, 0],
  );
  await server.close();
  const found = stored(data, 'k-17');
  assert.deepEqual(
    found,
    Array.from({ length: 2600 }, (_, i) => i),
  );
});
