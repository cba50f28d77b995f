import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { linnet, root } from '../../test/run-linnet.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-smoke-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const sample = join(folder, 'sample.csv.gz');
/** Not in the repository: its licence is not stated. */
const history = join(root, '../shared/data/purpleair-history/troy-2022-07..2023-05.csv.gz');

type Window = Readonly<Record<string, unknown>>;

function golden(name: string): Record<string, Window[]> {
  const text = readFileSync(join(root, 'golden', name), 'utf8');
  return (JSON.parse(text) as { windows: Record<string, Window[]> }).windows;
}

async function run(env: Record<string, string>, ...args: string[]): Promise<Window[]> {
  const done = await linnet(['run', 'examples/smoke/flow.ts', '--output', 'json', ...args], { env });
  assert.equal(done.code, 0, done.stderr);
  return done.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Window);
}

/** A golden window has epoch seconds and some fields; those of the flow are compared with it. */
function assertSame(windows: readonly Window[], expected: readonly Window[]): void {
  const iso = (seconds: unknown) => new Date(Number(seconds) * 1000).toISOString();
  assert.deepEqual(
    windows.map((window) =>
      Object.fromEntries(Object.keys(expected[0] ?? {}).map((name) => [name, window[name]])),
    ),
    expected.map((window) => ({
      ...window,
      window_start: iso(window['window_start']),
      window_end: iso(window['window_end']),
      min_event: iso(window['min_event']),
    })),
  );
}

async function compare(input: string, expected: Record<string, Window[]>, ...args: string[]): Promise<void> {
  for (const [pair, windows] of Object.entries(expected)) {
    const [SCORE, PM] = pair.split(',') as [string, string];
    assertSame(await run({ INPUT: input, LAYOUT: 'history', REGION: 'troy', SCORE, PM }, ...args), windows);
  }
}

test('the sample of history is what it was when River saw it', async () => {
  const done = await linnet([
    'simulate',
    'air',
    '--sensors',
    '10',
    '--days',
    '40',
    '--seed',
    '3',
    '--layout',
    'history',
    '--out',
    sample,
  ]);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stderr, /57,135 readings of 10 sensors/);
});

for (const workers of ['1', '2']) {
  test(`windows and verdicts are River’s and NumPy’s, ${workers} workers`, async () => {
    const all = golden('smoke_sample.json');
    await compare(sample, workers === '1' ? all : { '0.1,12': all['0.1,12'] ?? [] }, '--workers', workers);
  });

  test(`the same with recovery, ${workers} workers`, async () => {
    const recovery = join(folder, `recovery-${workers}`);
    const args = ['--workers', workers, '--recovery', recovery, '--reset', '--commit-interval', '20ms'];
    await compare(sample, { '0.1,12': golden('smoke_sample.json')['0.1,12'] ?? [] }, ...args);
  });
}

if (existsSync(history)) {
  for (const workers of ['1', '2']) {
    test(`the PurpleAir history of Troy gives River’s windows, ${workers} workers`, async () => {
      const recovery = ['--recovery', join(folder, 'troy'), '--reset'];
      await compare(
        history,
        golden('smoke_history.json'),
        '--workers',
        workers,
        ...(workers === '2' ? recovery : []),
      );
    });
  }
} else {
  test('NOT RUN: the PurpleAir history of Troy is not beside this checkout', (context) => {
    const why = `${history} is not there, so the flow was compared with River over the simulated sample alone`;
    context.diagnostic(why);
    process.stderr.write(`NOT RUN: ${why}\n`);
  });
}

test('regions come from a column, from areas, from a grid, or are one', async () => {
  const csv = join(folder, 'sample.csv');
  await linnet(['simulate', 'air', '--sensors', '16', '--days', '20', '--seed', '7', '--out', csv]);
  const input = { INPUT: csv, SCORE: '0.3', PM: '20' };
  const column = await run(input);
  assert.ok(new Set(column.map(({ region }) => region)).size > 2);
  assert.deepEqual(await run({ ...input, REGION: 'examples/smoke/areas.geojson' }), column);
  const [one] = await run({ ...input, REGION: 'the valley' });
  assert.equal(one?.['region'], 'the valley');
  for (const { region } of await run({ ...input, REGION: 'grid:0.5' }))
    assert.match(String(region), /^4[23](\.5)?,-7[345](\.5)?$/);
});

const HEAD = 'created_at,PM2.5_CF1_ug/m3,sensor,latitude,longitude,region\n';

test('a window that holds a broken sensor says so, in the words of the source system', async () => {
  const csv = join(folder, 'one.csv');
  const line = (at: number, sensor: string, value: number) =>
    `${new Date(Date.UTC(2022, 6, 18) + at * 600_000).toISOString()},${value},${sensor},43,-74,troy\n`;
  const lines = Array.from({ length: 300 }, (_, at) => line(at, '17', at === 250 ? 900 : 8));
  writeFileSync(csv, [HEAD, ...lines].join(''));
  assert.deepEqual(await run({ INPUT: csv }), [
    {
      region: 'troy',
      window: 3,
      window_start: '2022-07-19T12:00:00.000Z',
      window_end: '2022-07-20T00:00:00.000Z',
      sensors: ['17'],
      count_sensors: 1,
      count_anomalies: 1,
      anomalies: [900],
      min_event: '2022-07-19T17:40:00.000Z',
      max_pm25: 900,
      variance: null,
      malfunction: true,
    },
  ]);
  const seconds = join(folder, 'seconds.csv');
  const epoch = ([at = '', ...rest]: readonly string[]) => [Date.parse(at) / 1000, ...rest].join(',');
  writeFileSync(seconds, [HEAD, ...lines.map((text) => epoch(text.split(',')))].join(''));
  assert.deepEqual(await run({ INPUT: seconds, REGION: '' }), await run({ INPUT: csv }));
  const text = await linnet(['run', 'examples/smoke/flow.ts'], { env: { INPUT: csv } });
  assert.equal(
    text.stdout,
    '2022-07-19T17:40:00.000Z  troy  Malfunctioning Sensor: 1 reading up to 900.0 µg/m³ at 17\n',
  );
});

interface Truth {
  readonly smoke: readonly {
    readonly sensors: Readonly<Record<string, { readonly from: string; readonly to: string }>>;
  }[];
  readonly faults: readonly { readonly sensor: string; readonly from: string; readonly to: string }[];
}

test('the agreement of sensors finds the smoke and the broken sensors that are there, with one worker as with two', async () => {
  const [csv, truthPath] = [join(folder, 'air.csv'), join(folder, 'truth.json')];
  await linnet([
    'simulate',
    'air',
    '--sensors',
    '24',
    '--days',
    '30',
    '--seed',
    '11',
    '--out',
    csv,
    '--truth',
    truthPath,
  ]);
  const { smoke, faults } = JSON.parse(readFileSync(truthPath, 'utf8')) as Truth;
  const env = { INPUT: csv, CLASSIFIER: 'agreement' };
  const windows = await run(env);
  const recovery = ['--recovery', join(folder, 'agreement'), '--commit-interval', '50ms'];
  assert.deepEqual(await run(env, '--workers', '2', ...recovery), windows);
  const overlaps = (window: Window, span: { from: string; to: string } | undefined) =>
    span !== undefined &&
    span.from < String(window['window_end']) &&
    span.to > String(window['window_start']);
  const sensorsOf = (window: Window) => window['sensors'] as string[];
  const events = windows.filter(({ malfunction }) => malfunction === false);
  const readings = (of: readonly Window[]) =>
    of.reduce((sum, window) => sum + Number(window['count_anomalies']), 0);
  // Weather alone takes a region above the limit now and then.
  const inSmoke = events.filter((window) =>
    sensorsOf(window).every((id) => smoke.some(({ sensors }) => overlaps(window, sensors[id]))),
  );
  assert.ok(
    readings(inSmoke) >= 0.95 * readings(events),
    `${readings(inSmoke)} of ${readings(events)} readings`,
  );
  const found = smoke.filter(({ sensors }) =>
    events.some((window) => sensorsOf(window).some((id) => overlaps(window, sensors[id]))),
  );
  assert.deepEqual(found, smoke);
  const broken = windows.filter(({ malfunction }) => malfunction === true);
  const named = faults.filter((fault) =>
    broken.some((window) => sensorsOf(window).includes(fault.sensor) && overlaps(window, fault)),
  );
  assert.ok(named.length >= 0.8 * faults.length, `${named.length} of ${faults.length} faults`);
  const right = broken.flatMap((window) =>
    sensorsOf(window).map((id) => faults.some((fault) => fault.sensor === id && overlaps(window, fault))),
  );
  assert.ok(
    right.filter(Boolean).length >= 0.9 * right.length,
    `${right.filter(Boolean).length} of ${right.length} named`,
  );
});

test('standard input and gzip are read as a file is', async () => {
  const input = gunzipSync(readFileSync(sample));
  const env = { INPUT: '-', LAYOUT: 'history', REGION: 'troy' };
  for (const given of [input, readFileSync(sample)]) {
    const done = await linnet(['run', 'examples/smoke/flow.ts', '--output', 'json'], { env, input: given });
    assertSame(
      done.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Window),
      golden('smoke_sample.json')['0.7,50'] ?? [],
    );
  }
});

test('a wrong setting or file is said in a line', async () => {
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ SCORE: 'high' }, /SCORE=high is no number/],
    [{ LAYOUT: 'json' }, /LAYOUT=json is none of csv, history/],
    [{ INPUT: 'nowhere.csv' }, /nowhere\.csv: there is no such file/],
    [{ INPUT: sample }, /has no column "created_at", "PM2\.5_CF1_ug\/m3", "sensor"/],
    [{ REGION: 'nowhere.geojson' }, /nowhere\.geojson does not exist/],
    [{ REGION: 'grid:x' }, /grid of NaN degrees/],
  ];
  for (const [env, message] of cases) {
    const done = await linnet(['run', 'examples/smoke/flow.ts'], { env });
    assert.equal(done.code, 1);
    assert.match(done.stderr, message);
    assert.ok(done.stderr.trim().split('\n').length <= 2, done.stderr);
  }
});
