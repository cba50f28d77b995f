import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readTable } from './read-table.ts';
import type { Table, TableFormat } from './table.ts';

const SNAPSHOT = join(import.meta.dirname, '../../../../examples/purpleair/data.json');
const GOLDEN = join(import.meta.dirname, '../../../../golden/purpleair_batch.json');

function read(content: string | Uint8Array, name = 'input', format?: TableFormat): Promise<Table> {
  return readTable({ name, bytes: Buffer.from(content as string) }, format);
}

/** Columns by name, numbers as a plain list. */
function values(table: Table): Record<string, unknown[]> {
  return Object.fromEntries(table.columns.map(({ name, values: column }) => [name, [...column]]));
}

function kinds(table: Table): string {
  return table.columns.map(({ name, kind }) => `${name}:${kind}`).join(' ');
}

test('the PurpleAir snapshot has the rows, columns and gaps that the source system found', async () => {
  const golden = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
    n_rows: number;
    columns: string[];
    missing_counts: Record<string, number>;
  };
  const table = await read(readFileSync(SNAPSHOT));
  assert.equal(table.format, 'purpleair');
  assert.equal(table.rows, golden.n_rows);
  assert.equal(table.skipped, 0);
  const numeric = table.columns.filter(({ kind }) => kind === 'number');
  assert.deepEqual(
    numeric.map(({ name }) => name),
    golden.columns,
  );
  for (const { name, values: column } of numeric) {
    assert.equal((column as Float64Array).filter(Number.isNaN).length, golden.missing_counts[name], name);
  }
  assert.equal(table.columns[1]?.values[100], '2017-07-11T18:58:30.000Z');
});

test('PurpleAir: short entries are skipped and told, pm2.5_cf_1 becomes a number, other text of numbers too', async () => {
  const table = await read(
    JSON.stringify({
      fields: ['sensor_index', 'date_created', 'pm2.5_cf_1', 'humidity', 'name'],
      data: [
        [1, 0, '1.5', '40', 'a'],
        [2],
        null,
        [3, null, 'broken', null, '7', 'more'],
        [4, 1e300, null, '41.5', 'b'],
      ],
    }),
  );
  assert.deepEqual(values(table), {
    sensor_index: [1, 3, 4],
    date_created: ['1970-01-01T00:00:00.000Z', null, null],
    'pm2.5_cf_1': [1.5, Number.NaN, Number.NaN],
    humidity: [40, Number.NaN, 41.5],
    name: ['a', '7', 'b'],
  });
  assert.equal(table.skipped, 2);
  assert.match(table.skippedNote ?? '', /^2 of 5 entries skipped .*the first, data\[1\], has 1 values$/);
  assert.deepEqual(table.notes, [
    'column date_created: 1 of its values are no time, taken for missing',
    'column pm2.5_cf_1: 1 of its values are no number, taken for missing',
  ]);
});

test('PurpleAir: no entry left, no fields, an answer that is an error', async () => {
  await assert.rejects(read('{"fields":["a","b"],"data":[[1],[2]]}'), {
    code: 'data.empty',
    message: /all 2 entries .* shorter/,
  });
  await assert.rejects(read('{"fields":["a","b"],"data":[]}'), {
    code: 'data.empty',
    message: /data is empty/,
  });
  await assert.rejects(
    read(
      '{"api_version": "V1",\n "error": "ApiKeyInvalidError", "description": "The key is unknown."}',
      'a.json',
    ),
    {
      code: 'data.invalid',
      message: /not PurpleAir's.*the API said ApiKeyInvalidError, The key is unknown\./,
    },
  );
  await assert.rejects(
    read(JSON.stringify({ fields: ['a', 'a'], data: [] })),
    /two columns called "a", number 1 and 2/,
  );
});

test('truncated JSON names the file and the bytes; broken JSON the byte', async () => {
  const whole = readFileSync(SNAPSHOT, 'utf8');
  await assert.rejects(read(whole.slice(0, 100_001), 'air.json'), {
    code: 'data.invalid',
    message: /^air\.json ends in the middle of the JSON, after 100001 bytes/,
  });
  await assert.rejects(
    read('{"fields": ["é"], "data": [[1] [2]]}', 'air.json'),
    /air\.json is not JSON at byte 33 of 37, at "\[2\]\]}"/,
  );
});

test('Python writes NaN and Infinity into JSON: missing, and missing with a note', async () => {
  const table = await read('{"a": NaN, "b": "NaN"}\n{"a": -Infinity, "b": "x"}\n{"a": 1, "b": ""}');
  assert.deepEqual(values(table), { a: [Number.NaN, Number.NaN, 1], b: ['NaN', 'x', ''] });
  assert.deepEqual(table.notes, ['column a: 1 value is infinite or beyond 3.4e38, taken for missing']);
});

test('CSV: quotes, delimiters and line ends in fields, CRLF, byte order mark', async () => {
  const table = await read(
    '\uFEFFid,"na""me",note\r\n1,"a, b","x\r\ny"\r\n2,"",z\r\n\r\n3,c,"say ""hi"""',
    't.csv',
  );
  assert.deepEqual(values(table), {
    id: [1, 2, 3],
    'na"me': ['a, b', null, 'c'],
    note: ['x\r\ny', 'z', 'say "hi"'],
  });
});

test('CSV: what is missing, what is a number, what is not', async () => {
  const table = await read(
    'n,m,id,long,hex,t,flag\n1,NA,007,12345678901234567,0x1F,2024-01-01,true\n-2.5e3,,010,1,1,NaN,false\n null ,NaN,011,2,2,x,true\n+.5,n/a,0,3,3,y,',
  );
  assert.equal(table.format, 'csv');
  assert.equal(kinds(table), 'n:number m:number id:other long:other hex:other t:other flag:other');
  const { n, id, t, flag } = values(table);
  assert.deepEqual(n, [1, -2500, Number.NaN, 0.5]);
  assert.deepEqual(id, ['007', '010', '011', '0']);
  assert.deepEqual(t, ['2024-01-01', null, 'x', 'y']);
  assert.deepEqual(flag, ['true', 'false', 'true', null]);
});

test('CSV: a column that turns out to be text keeps the text of its numbers, and says so', async () => {
  const table = await read('a,b\n1.50,2\nERR,3\n2.0,4');
  assert.deepEqual(values(table), { a: ['1.50', 'ERR', '2.0'], b: [2, 3, 4] });
  assert.deepEqual(table.notes, ['column a is not scored: it holds numbers, but "ERR" in record 2']);
});

test('CSV: semicolons and tabs are found, records of another length are skipped and told', async () => {
  assert.deepEqual(values(await read('a;"b,c,d,e"\n1;2\n', 'x.csv')), { a: [1], 'b,c,d,e': [2] });
  assert.deepEqual(values(await read('a\tb\n1\t2\n')), { a: [1], b: [2] });
  const table = await read('a,b\n1,2\n3\n4,5,6\n7,8\n');
  assert.deepEqual(values(table), { a: [1, 7], b: [2, 8] });
  assert.equal(table.skipped, 2);
  assert.equal(table.skippedNote, '2 of 4 records skipped for not having 2 fields; the first, line 3, has 1');
});

test('CSV: every wrong input names the line', async () => {
  await assert.rejects(
    read('a,b\n1,2\n3,"x\n4,5', 'x.csv'),
    /x\.csv line 3: a quote is opened and never closed/,
  );
  await assert.rejects(read('a,b\n"1"2,3', 'x.csv'), /x\.csv line 2: there is text after a closing quote/);
  await assert.rejects(
    read('a,b,a\n1,2,3', 'x.csv'),
    /x\.csv line 1 has two columns called "a", number 1 and 3: rename one/,
  );
  await assert.rejects(read('a,b\n', 'x.csv'), { code: 'data.empty', message: /there is a header only/ });
  await assert.rejects(read('1,2\n3,4', 'x.csv'), /x\.csv line 1 holds numbers where the names/);
  await assert.rejects(read('{"a":1}', 'x.csv', 'csv'), /is JSON, not CSV/);
});

test('JSON lines: columns are every key; lines without it are missing', async () => {
  const table = await read('{"a":1,"b":"x"}\n\n{"a":2,"c":[1]}\r\n{"b":null,"c":{"d":1},"a":"3"}\n{"e":5}');
  assert.equal(table.format, 'jsonl');
  assert.deepEqual(values(table), {
    a: [1, 2, '3', null],
    b: ['x', null, null, null],
    c: [null, [1], { d: 1 }, null],
    e: [Number.NaN, Number.NaN, Number.NaN, 5],
  });
  assert.deepEqual(table.notes, ['column a is not scored: it holds numbers, but "3" in record 3']);
});

test('JSON lines: a broken line is named', async () => {
  await assert.rejects(read('{"a":1}\n{"a":', 'x.jsonl'), /x\.jsonl line 2 ends in the middle of the JSON/);
  await assert.rejects(
    read('{"a":1}\n[2]', 'x.jsonl'),
    /x\.jsonl line 2 is not an object but a list; `jq -c '\.\[\]'`/,
  );
  await assert.rejects(
    read('a,b\n1,2', 'x.csv', 'jsonl'),
    /x\.csv line 1 is not JSON at byte 1 of 3, at "a,b"/,
  );
});

test('Parquet: numbers, text, flags, times, 64-bit integers and gaps, by every codec', async () => {
  const columnData = [
    { name: 'x', data: [1.5, null, -2], type: 'DOUBLE' as const },
    { name: 'i', data: [1n, 2n, null], type: 'INT64' as const },
    { name: 'big', data: [2n ** 60n + 1n, 2n, null], type: 'INT64' as const },
    { name: 's', data: ['a', null, 'b'], type: 'STRING' as const },
    { name: 'flag', data: [true, false, null], type: 'BOOLEAN' as const },
    { name: 't', data: [new Date(0), null, new Date(1000)], type: 'TIMESTAMP' as const },
  ];
  const compressors = {
    GZIP: (input: Uint8Array) => gzipSync(input),
    ZSTD: (input: Uint8Array) => zstdCompressSync(input),
    BROTLI: (input: Uint8Array) => brotliCompressSync(input),
  };
  for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'BROTLI'] as const) {
    const table = await read(
      new Uint8Array(parquetWriteBuffer({ columnData, codec, compressors, rowGroupSize: 2 })),
      'x',
    );
    assert.equal(table.format, 'parquet');
    assert.deepEqual(
      values(table),
      {
        x: [1.5, Number.NaN, -2],
        i: [1, 2, Number.NaN],
        big: [String(2n ** 60n + 1n), 2, null],
        s: ['a', null, 'b'],
        flag: [true, false, null],
        t: ['1970-01-01T00:00:00.000Z', null, '1970-01-01T00:00:01.000Z'],
      },
      codec,
    );
  }
});

test('Parquet: damaged, cut short, and no Parquet at all', async () => {
  const good = new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: 'x', data: [1, 2], type: 'DOUBLE' }] }),
  );
  await assert.rejects(read(good.slice(0, -6), 'x.parquet'), {
    code: 'data.invalid',
    message: /^x\.parquet is not Parquet or is damaged/,
  });
  await assert.rejects(read('a,b\n1,2', 'x.csv', 'parquet'), /x\.csv is not Parquet/);
});

test('the format is found from content and name; gzip is taken off whatever the name', async () => {
  const air = '{"fields": ["a"], "data": [[1], [2]]}';
  assert.equal((await read(air)).format, 'purpleair');
  assert.equal((await read(air, 'a.csv')).format, 'purpleair');
  assert.equal((await read(gzipSync(air), 'a.json.gz')).format, 'purpleair');
  assert.equal((await read(gzipSync('a\n1\n'), 'a.csv.gz')).format, 'csv');
  assert.equal((await read('a\n1\n', 'https://example.org/a.csv?x=1')).format, 'csv');
  assert.equal((await read('{"a":1}')).format, 'jsonl');
  assert.equal((await read('{"fields":["x"],"data":[]}', 'a.jsonl')).format, 'jsonl');
  assert.equal((await read(Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'))).format, 'csv');
});

test('empty, blank and foreign content are told apart', async () => {
  await assert.rejects(read('', 'x.csv'), { code: 'data.empty', message: 'x.csv is empty' });
  await assert.rejects(read(gzipSync('')), { code: 'data.empty', message: 'input is empty' });
  await assert.rejects(read(' \n\n', 'x.csv'), { code: 'data.empty', message: /nothing but blanks/ });
  await assert.rejects(read(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 1])), {
    code: 'data.invalid',
    message: /is none of/,
  });
  await assert.rejects(read('[{"a":1}]'), { code: 'data.invalid', message: /is none of/ });
  await assert.rejects(read(gzipSync('a,b\n1,2').subarray(0, 15), 'x.gz'), {
    code: 'data.invalid',
    message: /x\.gz is damaged gzip/,
  });
});
