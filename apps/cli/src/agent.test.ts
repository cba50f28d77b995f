import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { serve, type Server } from '@linnet/server';

const root = mkdtempSync(join(tmpdir(), 'linnet-agent-'));
const data = join(root, 'data');
let server: Server;
before(async () => {
  server = await serve({ data, mqtt: { port: 0 } });
});
after(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});
const MAIN = join(import.meta.dirname, 'main.ts');
const OWN_BIN = join(import.meta.dirname, '../../../packages/agent/src/command/main.ts');

function start(id: string, more: readonly string[], program = [MAIN, 'agent'], broker = server.url) {
  const args = ['--id', id, '--broker', broker, '--buffer', join(root, `buffer-${id}`), ...more];
  const child = spawn(process.execPath, ['--conditions=source', ...program, ...args]);
  const said: string[] = [];
  const waiting: { pattern: RegExp; found: (line: string) => void }[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    for (const { pattern, found } of waiting) if (pattern.test(line)) found(line);
  });
  let printed = '';
  child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
  return {
    child,
    says: (pattern: RegExp) =>
      new Promise<string>((found) => {
        const known = said.find((line) => pattern.test(line));
        if (known !== undefined) found(known);
        else waiting.push({ pattern, found });
      }),
    ended: async () => {
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, said: said.join('\n'), printed };
    },
  };
}

function stored(device: string, channel = 'n'): number[] {
  const db = openStoreReadOnly(data);
  try {
    const reader = new HistoryReader(db);
    // A device that nothing was stored of yet is unknown to the store.
    if (!reader.sensors().includes(device)) return [];
    return [...(reader.read(device).channels[channel] ?? [])];
  } finally {
    db.close();
  }
}

/** Resolves when the store holds so many readings; commits are what is waited for, so it looks again and again. */
async function holds(device: string, count: number): Promise<void> {
  const until = Date.now() + 30_000;
  while (stored(device).length < count) {
    assert.ok(Date.now() < until, `${device}: ${stored(device).length} readings are stored, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

for (const [name, program] of [
  ['linnet agent', [MAIN, 'agent']],
  ['linnet-agent', [OWN_BIN]],
] as const) {
  test(`${name}: lines of standard input are stored once; a bad line is named, left out and makes it fail`, async () => {
    const id = name.replace(' ', '_');
    const { child, ended } = start(id, ['--stats', '--wait', '20s'], [...program]);
    child.stdin.end('{"n":1}\r\n\n{"n":2}\noops\n{"n":3}');
    const { code, said, printed } = await ended();
    assert.equal(code, 1);
    assert.match(said, /line 4: no JSON: "oops"; it is left out/);
    assert.match(said, /recorded 3, sent 3, acked 3, pending 0, dropped 1 \(invalid 1\)/);
    const stats = JSON.parse(printed) as Record<string, unknown>;
    assert.deepEqual([stats['recorded'], stats['acked'], stats['pending']], [3, 3, 0]);
    assert.deepEqual(stored(id), [1, 2, 3]);
  });
}

test('without a broker readings stay on disk, that is said, and the next start sends them', async () => {
  const offline = start('later', ['--wait', '100ms'], undefined, 'mqtt://127.0.0.1:1');
  offline.child.stdin.end('{"n":1}\n{"n":2}\n');
  const { code, said } = await offline.ended();
  assert.equal(code, 0, said);
  assert.match(said, /2 readings stay in .*buffer-later: start again to send them/);
  const again = start('later', ['--wait', '20s']);
  again.child.stdin.end('{"n":3}\n');
  assert.match((await again.ended()).said, /recorded 1, sent 3, acked 3, pending 0/);
  assert.deepEqual(stored('later'), [1, 2, 3]);
});

test('SIGTERM ends it also while it waits for room in a full buffer', async () => {
  const full = ['--max-bytes', '64KB', '--on-full', 'block', '--wait', '1s', '--stats'];
  const { child, ended } = start('blocked', full, [MAIN, 'agent'], 'mqtt://127.0.0.1:1');
  const pad = 'x'.repeat(900);
  child.stdin.on('error', () => undefined);
  child.stdin.write(Array.from({ length: 100 }, (_, n) => `{"n":${n},"pad":"${pad}"}\n`).join(''));
  const folder = join(root, 'buffer-blocked');
  const bytes = () =>
    existsSync(folder)
      ? readdirSync(folder).reduce(
          (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
          0,
        )
      : 0;
  for (const until = Date.now() + 30_000; bytes() < 62_000;) {
    assert.ok(Date.now() < until, `${bytes()} bytes in the buffer`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGTERM');
  const { code, said, printed } = await ended();
  assert.equal(code, 0);
  const { recorded, waiting } = JSON.parse(printed) as { recorded: number; waiting: number };
  assert.ok(recorded > 50 && waiting > 0 && recorded + waiting <= 100, printed);
  assert.match(said, new RegExp(`${waiting} readings that waited for room in the buffer were not recorded`));
});

test('readings by HTTP are answered when they are on disk; a web page is refused; SIGTERM ends it cleanly', async () => {
  const { child, says, ended } = start('http', ['--http', '0', '--wait', '20s']);
  const url = /http:\S+/.exec(await says(/taking readings on/))?.[0] ?? '';
  const post = (body: string, headers = {}) => fetch(url, { method: 'POST', body, headers });
  assert.deepEqual(await (await post('{"n":1}')).json(), { recorded: 1, dropped: 0, errors: [] });
  assert.equal((await post('[{"n":2},{"n":3}]')).status, 200);
  assert.equal((await post('{"n":4}\n{"n":5}\n')).status, 200);
  assert.equal((await post('nonsense')).status, 400);
  assert.equal((await post('{"n":6}', { origin: 'https://example.org' })).status, 403);
  const stats = (await (await fetch(`${url}/stats`)).json()) as Record<string, unknown>;
  assert.equal(stats['recorded'], 5);
  child.kill('SIGTERM');
  const { code, said } = await ended();
  assert.equal(code, 0, said);
  assert.match(said, /recorded 5, sent 5, acked 5, pending 0, dropped 1 \(invalid 1\)/);
  assert.deepEqual(stored('http'), [1, 2, 3, 4, 5]);
});

test('a command is run again and again, and its failure is told', async () => {
  const count = join(root, 'count');
  writeFileSync(count, '0');
  const line = `n=$(($(cat ${count})+1)); echo $n > ${count}; echo "{\\"n\\":$n}"; [ $n -ne 2 ] || { echo broken sensor >&2; exit 3; }`;
  const { child, says, ended } = start('command', ['--command', line, '--every', '100ms', '--wait', '20s']);
  assert.match(await says(/failed/), /the command failed: exit code 3: broken sensor/);
  await holds('command', 3);
  child.kill('SIGTERM');
  assert.equal((await ended()).code, 0);
  const found = stored('command');
  assert.deepEqual(
    found,
    found.map((_, i) => i + 1),
  );
});

test('a file is followed through rotation, truncation and a restart, each line once', async () => {
  const file = join(root, 'sensor.log');
  const lines = (from: number, to: number) => {
    for (let n = from; n <= to; n++) appendFileSync(file, `{"n":${n}}\n`);
  };
  lines(1, 3);
  const first = start('follow', ['--follow', file, '--wait', '20s']);
  await holds('follow', 3);
  lines(4, 5);
  renameSync(file, `${file}.1`);
  lines(6, 8);
  await holds('follow', 8);
  truncateSync(file);
  lines(9, 9);
  await holds('follow', 9);
  appendFileSync(file, '{"n":');
  first.child.kill('SIGTERM');
  assert.equal((await first.ended()).code, 0);
  appendFileSync(file, '10}\n');
  renameSync(file, `${file}.1`);
  lines(11, 12);
  const second = start('follow', ['--follow', file, '--wait', '20s']);
  await holds('follow', 12);
  second.child.kill('SIGTERM');
  await second.ended();
  assert.deepEqual(
    stored('follow'),
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
});

for (const model of ['zscore', 'half-space-trees']) {
  test(`--detect ${model}: an anomaly goes at once while ordinary readings wait`, async () => {
    const { child, ended } = start(model, ['--detect', model, '--send-every', '1h', '--wait', '200ms']);
    child.stdin.write('{"n":0,"t":20}\n');
    for (let n = 1; n < 150; n++) child.stdin.write(`{"n":${n},"t":${20 + (n % 10) / 10}}\n`);
    child.stdin.write('{"n":150,"t":90}\n');
    await holds(model, 151);
    child.stdin.end();
    assert.equal((await ended()).code, 0);
    assert.equal(stored(model, '_device_score').filter((score) => score > 0).length, 1);
  });
}

test('a topic that the broker does not allow is said, and the reading stays', async () => {
  const { child, says, ended } = start('elsewhere', ['--topic', 'other/{id}', '--wait', '1ms']);
  child.stdin.write('{"n":1}\n');
  await says(/connection closed at the first message: may this device publish to other\/elsewhere/);
  child.stdin.end();
  assert.match((await ended()).said, /1 readings stay in/);
});

test('wrong options are refused in a line that names them', async () => {
  mkdirSync(join(root, 'x'));
  for (const [more, pattern] of [
    [['--on-full', 'explode'], /on-full/],
    [['--max-bytes', 'much'], /64MB/],
    [['--every', 'now'], /500ms/],
    [['--http', '70000'], /65535/],
    [['--detect', 'magic'], /zscore/],
  ] as const) {
    for (const program of [[MAIN, 'agent'], [OWN_BIN]]) {
      const { code, said } = await start('wrong', more, program).ended();
      assert.equal(code, 2, said);
      assert.match(said, pattern);
    }
  }
});
