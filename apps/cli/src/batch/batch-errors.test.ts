/** Whatever can be wrong with a batch: what is said, the exit code, and that nothing is left behind. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { linnet, root } from '../../../../test/run-linnet.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-errors-'));
after(() => rmSync(folder, { recursive: true }));
const SNAPSHOT = join(root, 'examples/purpleair/data.json');

function air(...data: unknown[]): string {
  return JSON.stringify({ fields: ['sensor_index', 'humidity'], data });
}

const numbers = Array.from({ length: 50 }, (_, row) => `${row},${(row * 7) % 11}`).join('\n');

interface Case {
  readonly name: string;
  /** Written to a file whose name takes the place of FILE among the arguments. */
  readonly content?: string | Uint8Array;
  readonly file?: string;
  readonly args?: readonly string[];
  readonly code?: number;
  readonly says: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'a missing file',
    args: ['batch', 'no-such-file.json'],
    says: /no-such-file\.json does not exist: check the name/,
  },
  { name: 'a folder', args: ['batch', '.'], says: /\. is a folder: name a file in it/ },
  { name: 'an empty file', content: '', says: /input\.json is empty/ },
  {
    name: 'truncated JSON',
    content: readFileSync(SNAPSHOT).subarray(0, 70_000),
    says: /input\.json ends in the middle of the JSON, after 70000 bytes/,
  },
  {
    name: 'broken JSON',
    content: '{"fields": ["a"], "data": [[1], [2}]}',
    says: /input\.json is not JSON at byte 35 of 37/,
  },
  {
    name: "JSON that is not PurpleAir's",
    content: '{\n "temperature": [1, 2, 3]\n}',
    says: /input\.json is JSON but not PurpleAir's, which has the lists "fields" and "data"/,
  },
  {
    name: 'a wrong format',
    content: air([1, 2], [2, 3]),
    args: ['batch', 'FILE', '--format', 'csv'],
    says: /input\.json is JSON, not CSV: leave --format out/,
  },
  {
    name: 'another wrong format',
    file: 'x.csv',
    content: 'a,b\n1,2\n',
    args: ['batch', 'FILE', '--format', 'parquet'],
    says: /x\.csv is not Parquet/,
  },
  {
    name: 'no format at all',
    file: 'x.png',
    content: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]),
    says: /x\.png is none of/,
  },
  {
    name: 'one row',
    content: air([1, 2]),
    says: /input\.json holds one record: there is none to compare it with/,
  },
  {
    name: 'entries that are all too short',
    content: air([1], [2]),
    says: /input\.json holds no record to use: all 2 entries/,
  },
  {
    name: 'an unknown column',
    content: air([1, 2], [2, 3]),
    args: ['batch', 'FILE', '--columns', 'humidity,pressure'],
    says: /has no column "pressure"; it has sensor_index, humidity/,
  },
  {
    name: 'a column of text by name',
    file: 'x.csv',
    content: 'a,b\n1,x\n2,y\n',
    args: ['batch', 'FILE', '--columns', 'b'],
    says: /column b of \S+x\.csv is not numeric: record 1 holds "x"/,
  },
  {
    name: 'no column of numbers',
    file: 'x.csv',
    content: 'a,b\nu,x\nv,y\n',
    says: /x\.csv has no column of numbers to score \(columns: a, b\)/,
  },
  {
    name: 'two columns of one name',
    file: 'x.csv',
    content: 'a,b,a\n1,2,3\n',
    says: /x\.csv line 1 has two columns called "a", number 1 and 3: rename one/,
  },
  {
    name: 'an open quote',
    file: 'x.csv',
    content: 'a,b\n1,2\n"3,4\n',
    says: /x\.csv line 3: a quote is opened and never closed/,
  },
  {
    name: 'gaps that nothing fills',
    file: 'x.csv',
    content: 'a,b\n1,\n2,3\n',
    args: ['batch', 'FILE', '--impute', 'none'],
    says: /takes no missing values, and \S+x\.csv has some \(b 1\): --impute knn or mean/,
  },
  { name: 'an unknown option', args: ['batch', 'x', '--bogus'], code: 2, says: /unknown option '--bogus'/ },
  {
    name: 'no number where one must be',
    args: ['batch', 'x', '--trees', 'many'],
    code: 2,
    says: /'--trees <n>' argument 'many' is invalid/,
  },
  {
    name: 'a contamination that cannot be',
    args: ['batch', 'x', '--contamination', '0.7'],
    code: 2,
    says: /must be auto, or above 0 and at most 0\.5/,
  },
  {
    name: 'an unknown detector',
    args: ['batch', 'x', '--detector', 'lof'],
    code: 2,
    says: /Allowed choices are isolation-forest, zscore/,
  },
  {
    name: 'a threshold that no score can reach',
    args: ['batch', 'x', '--threshold', '0.7'],
    code: 2,
    says: /scores from -1 \(strange\) to 0/,
  },
  { name: 'no file', args: ['batch'], code: 2, says: /name a file, - for standard input, or an address/ },
  {
    name: 'one file for two outputs',
    content: air([1, 2], [2, 3]),
    args: ['batch', 'FILE', '--out', 'o', '--plot', 'o'],
    code: 2,
    says: /--out and --plot both name o/,
  },
  {
    name: 'a folder that is not there',
    content: air([1, 2], [2, 3]),
    args: ['batch', 'FILE', '--out', 'no/o'],
    says: /cannot write no\/o: there is no folder no/,
  },
  {
    name: 'an address where nobody answers',
    args: ['batch', 'http://127.0.0.1:1/x.json', '--format', 'parquet'],
    says: /cannot fetch http:\/\/127\.0\.0\.1:1\/x\.json: /,
  },
  {
    name: 'an encoding of old',
    file: 'x.csv',
    content: Buffer.from('ort,b\nK\u00f6ln,2\nBonn,3\n', 'latin1'),
    says: /x\.csv is not in UTF-8: `iconv -f WINDOWS-1252 -t UTF-8`/,
  },
  {
    name: 'an address of another kind',
    args: ['batch', 'ftp://example.org/x.csv'],
    says: /ftp:\/\/example\.org\/x\.csv is no address that can be fetched: write it as https:/,
  },
  {
    name: 'half an address',
    args: ['batch', 'http://'],
    says: /http:\/\/ is no address that can be fetched/,
  },
  {
    name: 'a picture of another kind',
    args: ['batch', 'x.csv', '--plot', 'p.png'],
    code: 2,
    says: /--plot p\.png: the picture is SVG; name a file that ends in \.svg/,
  },
  {
    name: 'no key for the API',
    args: ['batch', '--format', 'purpleair'],
    says: /PURPLEAIR_API_KEY is not set/,
  },
];

for (const { name, content, file = 'input.json', args = ['batch', 'FILE'], code = 1, says } of cases) {
  test(`${name}: exit ${code}, and what to do`, async () => {
    const cwd = mkdtempSync(join(folder, 'case-'));
    const path = join(cwd, file);
    if (content !== undefined) writeFileSync(path, content);
    const out = args.includes('--out') || code === 2 ? [] : ['--out', 'out.txt', '--plot', 'out.svg'];
    const run = await linnet([...args.map((arg) => (arg === 'FILE' ? path : arg)), ...out], { cwd });
    assert.equal(run.code, code, run.stderr);
    assert.match(run.stderr, says);
    assert.equal(run.stdout, '');
    // Retries are told as they happen; the error itself is one line or two.
    const lines = run.stderr
      .trimEnd()
      .split('\n')
      .filter((line) => !line.includes('trying again'));
    assert.ok(lines.length <= 2, run.stderr);
    assert.doesNotMatch(run.stderr, /^\s+at /m);
    assert.deepEqual(readdirSync(cwd), content === undefined ? [] : [file]);
  });
}

test('--debug adds the stack trace', async () => {
  const { code, stderr } = await linnet(['batch', 'no-such-file.json', '--debug']);
  assert.equal(code, 1);
  assert.match(stderr, /^\s+at .*read-file\.ts/m);
});

test('a column without any value is left out with a warning, and written as it is', async () => {
  const path = join(folder, 'hollow.csv');
  writeFileSync(path, `a,hollow,b\n${numbers.replaceAll(',', ',NA,')}\n`);
  const { code, stdout, stderr } = await linnet(['batch', path, '--output', 'json', '--all']);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^linnet: column hollow has no value in any record and is left out\n\{"rows":50,/);
  assert.deepEqual(Object.keys(JSON.parse(stdout.split('\n')[0] ?? '') as object), [
    'a',
    'hollow',
    'b',
    'anomaly',
    'score',
    'why',
  ]);
  assert.match(stdout, /^\{"a":0,"hollow":null,"b":0,/);
});

test('a huge value is cut in the table and in what is said of it', async () => {
  const path = join(folder, 'huge.csv');
  writeFileSync(path, `a,b,c\n1,2,3\n${'x'.repeat(1_000_000)},4,5\n3,${'9'.repeat(1_000_000)},6\n`);
  const { code, stdout, stderr } = await linnet(['batch', path, '--all']);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /column a is not scored: it holds numbers, but "x{59}… \(1000002 characters\) in record 2\n/,
  );
  assert.match(stderr, /column b is not scored: it holds numbers, but "9{59}… /);
  assert.ok(stdout.split('\n').every((line) => line.length < 400));
});

test('entries that are too short are skipped, counted and told', async () => {
  const path = join(folder, 'short.json');
  const data = Array.from({ length: 30 }, (_, row) => [row, (row * 7) % 11]);
  writeFileSync(path, air([0], ...data, [1], null));
  const text = await linnet(['batch', path]);
  assert.match(
    text.stderr,
    /3 of 33 entries skipped for being shorter than fields \(2\); the first, data\[0\], has 1 values/,
  );
  const json = await linnet(['batch', path, '--output', 'json']);
  assert.equal((JSON.parse(json.stderr) as { skipped: number }).skipped, 3);
});

test('Ctrl-C exits 130 and leaves no partial file, while reading and while computing', async () => {
  for (const input of [
    undefined,
    `a,b,c\n${Array.from({ length: 20_000 }, (_, row) => `${row},${row % 13},${row % 7}`).join('\n')}`,
  ]) {
    const cwd = join(folder, input === undefined ? 'reading' : 'computing');
    mkdirSync(cwd);
    const run = await linnet(['batch', '-', '--trees', '1000000', '--out', 'out.txt', '--plot', 'out.svg'], {
      cwd,
      during: async (child) => {
        if (input !== undefined) child.stdin?.end(input);
        while (readdirSync(cwd).length < 2) await new Promise((resolve) => setImmediate(resolve));
        child.kill('SIGINT');
      },
    });
    assert.equal(run.code, 130, run.stderr);
    assert.equal(run.signal, null);
    assert.deepEqual(readdirSync(cwd), []);
    assert.equal(run.stdout, '');
  }
});

test('a reader that has seen enough is no failure', async () => {
  const run = await linnet(['batch', SNAPSHOT, '--output', 'json', '--all'], {
    input: '',
    during: (child) => void child.stdout?.once('data', () => child.stdout?.destroy()),
  });
  assert.equal(run.code, 0, run.stderr);
  assert.doesNotMatch(run.stderr, /EPIPE|at /);
});
