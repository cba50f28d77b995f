import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openStore, HistoryWriter } from '@linnet/connectors/history';
import { serve } from '@linnet/server';
import { linnet } from '../../../../../test/run-linnet.ts';
import { compare, type Outcome } from './compare.ts';
import { LedgerWriter, nextNumber, readLedger } from './ledger.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-simulate-fleet-'));
after(() => rmSync(root, { recursive: true, force: true }));
const fleet = (...args: string[]) => linnet(['simulate', 'fleet', '--devices', '20', ...args]);

test('a fleet with every fault, its own server killed: nothing is lost, doubled or out of order', async () => {
  const folder = join(root, 'every');
  const args = ['--for', '5s', '--interval', '200ms', '--loss', '30', '--faults', 'all', '--backlog', '50'];
  const { code, stdout, stderr } = await fleet(...args, '--ledger', folder, '--output', 'json');
  assert.equal(code, 0, stdout + stderr);
  const outcome = JSON.parse(stdout) as Outcome;
  assert.deepEqual(Object.keys(outcome), [
    'recorded',
    'stored',
    'lost',
    'duplicated',
    'outOfOrder',
    'p50Ms',
    'p99Ms',
    'drainPerSecond',
  ]);
  assert.ok(outcome.recorded > 1000, stdout);
  assert.equal(outcome.stored, outcome.recorded);
  assert.ok(outcome.drainPerSecond > 0);
  assert.match(
    stderr,
    /1 outages, 1 storms, [1-9]\d* connections reset; 1 processes and the server 1 times killed/,
  );
  const ledgers = readdirSync(folder).filter((name) => name.startsWith('ledger-'));
  assert.equal(ledgers.length, 4);
});

test('a server that runs is measured through --broker and --store, and is left running', async () => {
  const data = join(root, 'running');
  const server = await serve({ data, mqtt: { port: 0 } });
  const args = [
    '--for',
    '1s',
    '--interval',
    '100ms',
    '--faults',
    'none',
    '--broker',
    server.url,
    '--store',
    data,
  ];
  // The second run is over the same store: devices of the first are not taken for its own.
  for (let run = 0; run < 2; run++) {
    const { code, stdout, stderr } = await fleet(...args);
    assert.equal(code, 0, stdout + stderr);
    assert.match(
      stdout,
      /^recorded (\d+), stored \1, lost 0, duplicated 0, out of order 0; p50 \d+ ms, p99 \d+ ms; drain \d+ readings\/s\n$/,
    );
  }
  await server.close();
});

test('what is lost, doubled, nobody’s or out of order is counted', () => {
  const data = join(root, 'planted');
  const db = openStore(data);
  const writer = new HistoryWriter(db);
  // [device, n, received, backlog]; the time of a reading is its number.
  const rows = [
    [0, 0, 10, 0],
    [0, 1, 11, 0],
    [0, 1, 12, 0], // doubled
    [0, 9, 13, 0], // nobody's
    [1, 0, 30, 1],
    [1, 1, 20, 1], // came before an earlier one
    [1, 2, 15, 0], // another lane
    [1, 4, 16, 0],
  ] as const;
  const column = (at: 1 | 2 | 3) => Float64Array.from(rows, (row) => row[at]);
  db.exec('BEGIN');
  writer.append({
    sensors: ['sim-x-0000', 'sim-x-0001', 'sim-y-0000'],
    sensor: Int32Array.from([...rows.map(([device]) => device), 2]),
    time: Float64Array.from([...column(1), 1]),
    channels: Object.fromEntries(
      (['n', '_received', '_backlog'] as const).map((name, i) => [
        name,
        Float64Array.from([...column((i + 1) as 1 | 2 | 3), 1]),
      ]),
    ),
  });
  db.exec('COMMIT');
  db.close();
  const path = join(root, 'ledger.txt');
  const ledger = new LedgerWriter(path);
  const all = [0, 1, 2, 3, 4].flatMap((n) => [[0, n] as const, [1, n] as const]);
  ledger.begin(all);
  ledger.end(all.slice(0, 6), true); // 0, 1 and 2 of both; 2 of the first is lost
  ledger.end([[1, 3]], false);
  ledger.close();
  appendFileSync(path, '= 0 4'); // cut off: 3 and 4 of the first and 4 of the second are in doubt
  const fates = readLedger(path);
  assert.equal(nextNumber(fates.get(0)), 5);
  const { recorded, stored, lost, duplicated, outOfOrder } = compare(data, {
    run: 'sim-x',
    fates,
    wrongClocks: new Set(),
  });
  assert.deepEqual(
    { recorded, stored, lost, duplicated, outOfOrder },
    { recorded: 7, stored: 6, lost: 1, duplicated: 2, outOfOrder: 1 },
  );
});

test('wrong options are usage errors, told before anything is started', async () => {
  for (const [args, pattern] of [
    [['--devices', '0'], /at least 1/],
    [['--faults', 'outage,magic'], /outage, storm, kill, server, sensor, clock/],
    [['--loss', '100'], /below 100/],
    [['--interval', 'soon'], /500ms/],
    [['--devices', '2000000'], /at most 100000/],
    [['--broker', 'mqtt://127.0.0.1:1'], /needs --store/],
    [['--broker', 'nonsense', '--store', root], /is no broker/],
    [['--broker', 'mqtts://h', '--store', root, '--loss', '3'], /need mqtt:/],
    [['--broker', 'mqtt://h', '--store', root, '--faults', 'server'], /leave --broker out/],
  ] as const) {
    const { code, stderr } = await fleet(...args);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, pattern);
  }
  for (const [args, pattern] of [
    [['--broker', 'mqtt://127.0.0.1:1', '--store', join(root, 'none')], /there is no store/],
    [['--ledger', root], /not empty: give --ledger an empty folder/],
    [['--ledger', '/dev/null/x'], /cannot make the folder/],
  ] as const) {
    const { code, stderr } = await fleet(...args);
    assert.equal(code, 1);
    assert.match(stderr, pattern);
  }
});
