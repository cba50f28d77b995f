/** `linnet load` as its users call it: what it takes, and what it says of what it does not. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { linnet } from '../run-linnet.ts';
import { readTopic, skip, startKafka, type TestKafka } from './here.ts';

const ROWS = Array.from({ length: 20 }, (_, i) => ({
  sensor: `s${i % 4}`,
  at: new Date(Date.UTC(2024, 4, 1, 0, 0, i)).toISOString(),
  value: i,
}));
const CSV = `sensor,at,value\n${ROWS.map(({ sensor, at, value }) => `${sensor},${at},${value}\n`).join('')}`;

await test('linnet load', { skip }, async (t) => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  await t.test('CSV, JSON lines and a JSON array, plain or gzip, become the same messages', async () => {
    const array = JSON.stringify(ROWS, null, 2);
    const files: Readonly<Record<string, string | Uint8Array>> = {
      'rows.csv': CSV,
      'rows.jsonl': ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''),
      'lines.json': ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''),
      'array.json': array,
      'array.json.gz': gzipSync(array),
    };
    const taken = async ([name, content]: readonly [string, string | Uint8Array]): Promise<void> => {
      const run = await load(file(name, content), name, ['--time', 'at']);
      assert.equal(run.code, 0, run.stderr);
      assert.match(
        run.stderr,
        new RegExp(`^linnet: 20 records into ${name} \\(3 partitions\\) in [\\d.]+ s\n$`),
      );
      const messages = await readTopic(kafka.port, name);
      const got = messages
        .map(({ value, timestamp, key }) => ({ ...parsed(value), timestamp, key: String(key) }))
        .toSorted((a, b) => a.timestamp - b.timestamp);
      assert.deepEqual(
        got,
        ROWS.map((row) => ({ ...row, timestamp: Date.parse(row.at), key: row.sensor })),
        name,
      );
    };
    await Promise.all(Object.entries(files).map(taken));
  });

  await t.test('--speed keeps the recorded pace', async () => {
    // 19 s of recording, ten times as fast.
    const run = await load(file('paced.csv', CSV), 'paced', ['--time', 'at', '--speed', '10']);
    assert.equal(run.code, 0, run.stderr);
    const seconds = Number(/in ([\d.]+) s/.exec(run.stderr)?.[1]);
    assert.ok(seconds >= 1.9, `${seconds} s`);
  });

  await t.test('wrong input is told in one line, ends by itself, and makes no topic', async () => {
    const rows = file('good.csv', CSV);
    const cases: readonly (readonly [string, readonly string[], number, RegExp])[] = [
      [file('empty.jsonl', ''), [], 1, /empty\.jsonl has no record to load: it is empty/],
      [file('empty.csv', ''), [], 1, /empty\.csv is empty/],
      [file('head.csv', 'sensor,at\n'), [], 1, /head\.csv has no record to load/],
      [file('bad.jsonl', 'nonsense\n\n{'), [], 1, /none of its \d lines is a record/],
      [file('bad.json', '[{"sensor":1},7]'), [], 1, /bad\.json: entry 2 of the array is no object/],
      [join(kafka.folder, 'no.csv'), [], 1, /no\.csv: there is no such file/],
      [file('rows.txt', CSV), [], 2, /rows\.txt: its name does not tell what it is/],
      [rows, ['--key', 'nope'], 1, /no field "nope" for --key; it has sensor, at, value/],
      [rows, ['--time', 'nope'], 1, /no field "nope" for --time; it has sensor, at, value/],
      [rows, ['--speed', '60'], 2, /--speed keeps the pace of the event time/],
      [rows, ['--speed', '-1'], 2, /above 0/],
      [rows, ['--replication', '3'], 1, /only 1 broker/],
      [rows, ['--topic', 'bad topic!'], 1, /Topic name is invalid/],
    ];
    for (const [path, more, code, says] of cases) {
      const run = await load(path, 'unmade', more);
      assert.equal(run.code, code, run.stderr);
      assert.match(run.stderr, says);
      assert.equal(run.stderr.split('\n').filter((line) => line.startsWith('linnet:')).length, 1, run.stderr);
    }
    const admin = await kafka.port.admin();
    assert.equal((await admin.partitions(['unmade'])).size, 0);
    await admin.close();
  });

  await t.test('another number of partitions than the topic has is refused', async () => {
    const run = await load(file('again.csv', CSV), 'rows.csv', ['--partitions', '5']);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /topic rows\.csv is there and has 3 partitions, not 5/);
  });

  function load(path: string, topic: string, more: readonly string[] = []) {
    const place = ['--kafka', kafka.bootstrap, '--topic', topic, '--key', 'sensor'];
    return linnet(['load', path, ...place, ...more]);
  }

  function file(name: string, content: string | Uint8Array): string {
    const path = join(kafka.folder, name);
    writeFileSync(path, content);
    return path;
  }
});

function parsed(value: Uint8Array | null): object {
  return JSON.parse(Buffer.from(value ?? []).toString()) as object;
}
