import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Source } from '@linnet/core';
import { ownerOf } from '@linnet/core/engine';
import fc from 'fast-check';
import { fieldNumber } from './csv-number.ts';
import { csv } from './csv-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-csv-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

function file(content: string | Uint8Array, name = 'readings.csv'): string {
  const path = join(folder, `${files++}-${name}`);
  writeFileSync(path, content);
  return path;
}

interface Read<T> {
  readonly items: T[];
  /** `line 3: why` */
  readonly rejected: string[];
  readonly offsets: unknown[];
  readonly blocks: number;
}

async function read<T>(
  source: Source<T>,
  options: { limit?: number; from?: unknown } = {},
): Promise<Read<T>> {
  const reader = source.open({ limit: Infinity, ...options });
  const [items, rejected, offsets]: [T[], string[], unknown[]] = [[], [], []];
  for (let block = await reader.read(); block !== null; block = await reader.read()) {
    const { first, payload, offset } = block;
    const decoded = source.decode(payload);
    items.push(...decoded.items);
    for (const { at, why } of decoded.rejected) rejected.push(`${source.place?.(first + at)}: ${why}`);
    offsets.push(offset);
  }
  await reader.close();
  return { items, rejected, offsets, blocks: offsets.length };
}

const all = async (content: string | Uint8Array) => read(csv(file(content)));

test('names come from the first line; a field is a number, a text or null by what it looks like', async () => {
  const { items } = await all(
    'created_at,PM2.5_CF1_ug/m3,sensor,note\n2022-07-18,12.5,007,\n2022-07-19,NaN,8,x y\n',
  );
  assert.deepEqual(items, [
    { created_at: '2022-07-18', 'PM2.5_CF1_ug/m3': 12.5, sensor: '007', note: null },
    { created_at: '2022-07-19', 'PM2.5_CF1_ug/m3': null, sensor: 8, note: 'x y' },
  ]);
});

test('quotes hold delimiters, quotes and line ends; CRLF, a byte order mark and empty lines are passed over', async () => {
  const { items, rejected } = await all('\ufeffa,"b ""c"""\r\n"1,5","x ""y""\r\nz"\r\n\r\n2,"é"\r\n3,"4"');
  assert.deepEqual(items, [
    { a: '1,5', 'b "c"': 'x "y"\r\nz' },
    { a: 2, 'b "c"': 'é' },
    { a: 3, 'b "c"': 4 },
  ]);
  assert.deepEqual(rejected, []);
});

test('declared columns are read as they are declared, and only they; semicolons are found', async () => {
  const path = file('id;pm;unused\n17;1.5;x\n18;;y\n');
  const { items } = await read(csv(path, { columns: { pm: 'number', id: 'text' } }));
  assert.deepEqual(items, [
    { pm: 1.5, id: '17' },
    { pm: null, id: '18' },
  ]);
});

test('an optional column is read where the file has it', async () => {
  const options = { columns: { a: 'number' }, optional: { region: 'text' } } as const;
  assert.deepEqual((await read(csv(file('a,region\n1,troy\n'), options))).items, [{ region: 'troy', a: 1 }]);
  assert.deepEqual((await read(csv(file('a,b\n1,troy\n'), options))).items, [{ a: 1 }]);
});

test('a bad line is rejected by its number and costs no other line', async () => {
  const path = file('a,b\n1,x\n2\n3,x,y\nabc,x\n4,"open\n5,x\n6,"a"b\n7,"two\nlines"\n8,x\nabc,z\n');
  const { items, rejected } = await read(csv(path, { columns: { a: 'number' } }));
  assert.deepEqual(
    items.map(({ a }) => a),
    [1, 5, 7, 8],
  );
  assert.deepEqual(rejected, [
    'line 3: it has 1 fields, not 2',
    'line 4: it has 3 fields, not 2',
    'line 5: column a: "abc" is no number',
    'line 6: there is text after a closing quote; quotes inside a field are doubled',
    'line 8: there is text after a closing quote; quotes inside a field are doubled',
    'line 12: column a: "abc" is no number',
  ]);
});

test('a quote that never closes costs its line alone, also across blocks', async () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `${i},name ${i}`);
  lines[20_000] = '20000,"open';
  const { items, rejected, blocks } = await read(csv(file(`a,b\n${lines.join('\n')}`)));
  assert.ok(blocks > 2);
  assert.equal(items.length, 59_999);
  assert.deepEqual(rejected, ['line 20002: a quote is opened and never closed']);
});

test('gzip is told by content whatever the name, in several members too', async () => {
  const members = Buffer.concat([gzipSync('a\n1\n'), gzipSync('2\n')]);
  assert.deepEqual((await read(csv(file(members, 'x.csv')))).items, [{ a: 1 }, { a: 2 }]);
  assert.deepEqual((await read(csv(file('a\n1\n', 'x.csv.gz')))).items, [{ a: 1 }]);
});

test('gzip that is cut short or damaged is an error in words', async () => {
  const whole = gzipSync(`a\n${'1\n'.repeat(5000)}`);
  await assert.rejects(all(whole.subarray(0, whole.length - 12)), /its gzip content is cut short/);
  const damaged = Buffer.from(whole);
  damaged.fill(0xff, 20, 40);
  await assert.rejects(all(damaged), /its gzip content is damaged/);
});

for (const zip of [false, true]) {
  test(`reading goes on behind any block${zip ? ', in gzip too' : ''}`, async () => {
    const text = `a,b\r\n${Array.from({ length: 50_000 }, (_, i) => `${i},"q\n${i}"`).join('\r\n')}\r\n`;
    const path = file(zip ? gzipSync(text) : text);
    const whole = await read(csv(path));
    assert.equal(whole.items.length, 50_000);
    assert.ok(whole.blocks >= 3);
    for (const from of whole.offsets) {
      const rest = await read(csv(path), { from: structuredClone(from) });
      assert.deepEqual(rest.items, whole.items.slice(50_000 - rest.items.length));
    }
    const [first] = whole.offsets;
    assert.ok((await read(csv(path), { from: first })).items.length > 10_000);
  });
}

test('a limit counts records', async () => {
  const path = file('a\n\n1\n\n"2\n2"\n3\n');
  for (const limit of [1, 2, 3]) assert.equal((await read(csv(path), { limit })).items.length, limit);
});

test('what is no CSV is said in words', async () => {
  await assert.rejects(all(''), /is empty: it should begin with a line of names/);
  await assert.rejects(all('1,2\n3,4\n'), /line 1 holds numbers where the names/);
  await assert.rejects(all('{"a":1}\n'), /is JSON, not CSV/);
  await assert.rejects(all('a,b,a\n'), /two columns called "a", number 1 and 3/);
  await assert.rejects(all(Buffer.from('a,b\n1,2\n', 'utf16le')), /no text in UTF-8/);
  const path = file('a,b\n1,2\n');
  const source = csv(path, { columns: { sensor: 'text', a: 'any' } });
  await assert.rejects(read(source), /has no column "sensor"; its line 1 names a, b/);
  await assert.rejects(async () => read(csv(join(folder, 'none.csv'))), /there is no such file/);
  assert.deepEqual((await all('a,b\n')).items, []);
});

test('a number is what Number makes of its text, to the bit', () => {
  const check = (text: string) => {
    const bytes = Buffer.from(`,${text},`);
    assert.ok(Object.is(fieldNumber(bytes, 1, bytes.length - 1), Number(text)), text);
  };
  for (const text of [
    '0',
    '-0',
    '1.',
    '.5',
    '-.5',
    '+5',
    '1e5',
    '123456789012345.6',
    '0.1',
    '00012.30',
    ' 7 ',
  ])
    check(text);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => check(String(value))),
  );
  fc.assert(fc.property(fc.integer(), fc.nat(999_999), (whole, part) => check(`${whole}.${part}`)));
  for (const text of ['', 'NA', 'n/a', 'null', 'NaN'])
    assert.equal(fieldNumber(Buffer.from(text), 0, text.length), null);
  for (const text of ['x', '-', '.', '1.2.3', '0x10', '1_0'])
    assert.equal(fieldNumber(Buffer.from(text), 0, text.length), undefined);
});

test('any text comes back as it was written, whatever the cuts', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', ' ', '7') });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 20 }), async (rows) => {
      const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
      const content = ['a,b', ...rows.map((row) => row.map(quoted).join(','))].join('\n');
      const { items } = await read(csv(file(content), { columns: { a: 'text', b: 'text' } }));
      assert.deepEqual(
        items.map(({ a, b }) => [a ?? '', b ?? '']),
        rows,
      );
    }),
    { numRuns: 60 },
  );
});

test('lines without quotes are read as the same lines are beside a quoted one', async () => {
  const line = fc.string({ unit: fc.constantFrom('1', 'a', ',', ',', '\r', '\n', ' ', 'é'), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (lines) => {
      const plain = `a,b\n${lines.join('\n')}`;
      const [one, other] = [await all(plain), await all(`${plain}\n"q",1\n`)];
      assert.deepEqual(one.items, other.items.slice(0, -1));
      assert.deepEqual(one.rejected, other.rejected);
    }),
    { numRuns: 100 },
  );
});

test('a block put apart for workers is what one would have read: every line once, and a key with its owner', async () => {
  const cell = fc.constantFrom('s1', 's2', '"s1"', 'é', '', '7', '"a,b"', '"x""y"', 's1,s2');
  const value = fc.constantFrom('1', '2.5', '', 'no number', '"3"');
  const line = fc.tuple(cell, value).map(([sensor, pm]) => `${sensor},${pm}`);
  const options = { columns: { sensor: 'text', pm: 'number' } } as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.integer({ min: 1, max: 3 }),
      async (lines, workers) => {
        const source = csv(file(`sensor,pm\n${lines.join('\n')}\n`), options);
        const reader = source.open({ limit: Infinity });
        for (let block = await reader.read(); block !== null; block = await reader.read()) {
          const { payload } = block;
          const whole = source.decode(payload);
          if (!('bytes' in payload)) continue;
          const divided = source.divide?.(payload, { column: 'sensor', numeric: false }, workers) ?? [];
          assert.equal(divided.length, workers);
          const parts = divided.map((part) => source.decode(part));
          const placed = parts.flatMap(({ items, positions }, worker) =>
            items.map((item, i) => ({ item, at: positions?.[i] ?? i, worker })),
          );
          placed.sort((a, b) => a.at - b.at);
          assert.deepEqual(
            placed.map(({ item, at }) => ({ item, at })),
            whole.items.map((item, i) => ({ item, at: whole.positions?.[i] ?? i })),
          );
          const rejected = parts.flatMap((part) => part.rejected).toSorted((a, b) => a.at - b.at);
          assert.deepEqual(rejected, whole.rejected);
          for (const { item, worker } of placed) {
            const { sensor } = item;
            if (sensor !== null && /^[a-z0-9]+$/.test(sensor)) assert.equal(ownerOf(sensor, workers), worker);
          }
        }
        await reader.close();
      },
    ),
    { numRuns: 100 },
  );
});
