import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { linnet } from '../../../../test/run-linnet.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-simulate-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const air = (...args: string[]) => linnet(['simulate', 'air', '--sensors', '6', '--days', '12', ...args]);

interface Span {
  readonly from: string;
  readonly to: string;
}
interface Truth {
  readonly smoke: readonly (Span & {
    readonly peak: number;
    readonly sensors: Readonly<Record<string, Span>>;
  })[];
  readonly faults: readonly (Span & { readonly sensor: string; readonly kind: string })[];
}

test('the same seed gives the same bytes, another one others; gzip holds them too', async () => {
  const [one, same, other] = await Promise.all([air(), air('--seed', '1'), air('--seed', '2')]);
  assert.equal(one.code, 0, one.stderr);
  assert.equal(one.stdout, same.stdout);
  assert.notEqual(one.stdout, other.stdout);
  const out = join(folder, 'air.csv.gz');
  await air('--out', out);
  assert.equal(gunzipSync(readFileSync(out)).toString(), one.stdout);
});

test('both layouts hold the same readings in time order', async () => {
  const [csv, history] = await Promise.all([air(), air('--layout', 'history')]);
  const values = csv.stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const channels = history.stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  assert.equal(values.length, channels.length);
  assert.ok(values.length > 9000);
  let before = 0;
  values.forEach(([stamp = '', value, sensor], i) => {
    const [id, time, , , , , a = '', b = ''] = channels[i] as string[];
    assert.deepEqual([sensor, Date.parse(stamp)], [id, Number(time) * 1000]);
    assert.ok(Number(time) >= before);
    before = Number(time);
    const there = [a, b].filter((text) => text !== '').map(Number);
    const mean = there.reduce((sum, channel) => sum + channel, 0) / there.length;
    assert.ok(Math.abs(mean - Number(value)) <= 0.0101, `${mean} ${value}`);
  });
});

test('the truth says where smoke was: readings rise there, and only there, but for broken sensors', async () => {
  const path = join(folder, 'truth.json');
  const { stdout } = await air('--truth', path, '--seed', '5');
  const truth = JSON.parse(readFileSync(path, 'utf8')) as Truth;
  assert.ok(truth.smoke.length >= 1);
  for (const { from, to, sensors } of truth.smoke) {
    const spans = Object.values(sensors);
    assert.deepEqual(
      [from, to],
      [
        spans.map((span) => span.from).toSorted()[0],
        spans
          .map((span) => span.to)
          .toSorted()
          .at(-1),
      ],
    );
  }
  assert.equal(new Set(truth.faults.map(({ kind }) => kind)).size, 9);
  const lines = stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const inside = (span: Span | undefined, at: number) =>
    span !== undefined && at >= Date.parse(span.from) && at < Date.parse(span.to);
  const [within, without]: [number[], number[]] = [[], []];
  for (const [stamp = '', value, sensor = ''] of lines) {
    const at = Date.parse(stamp);
    if (truth.faults.some((fault) => fault.sensor === sensor && inside(fault, at))) continue;
    const smoky = truth.smoke.some(({ sensors }) => inside(sensors[sensor], at));
    (smoky ? within : without).push(Number(value));
  }
  const median = (of: number[]) => of.toSorted((x, y) => x - y)[Math.floor(of.length / 2)] ?? NaN;
  assert.ok(median(within) > 40, String(median(within)));
  assert.ok(median(without) < 12, String(median(without)));
  assert.ok(without.filter((value) => value > 100).length < without.length / 1000);
});

test('wrong options are usage errors', async () => {
  for (const args of [
    ['--sensors', '0'],
    ['--days', 'x'],
    ['--interval', '2d'],
    ['--layout', 'xml'],
    ['--sensors', '90000', '--days', '900'],
  ])
    assert.equal((await linnet(['simulate', 'air', ...args])).code, 2, args.join(' '));
  assert.equal((await air('--out', join(folder, 'no/where.csv'))).code, 1);
});
