import { LinnetError } from '@linnet/core';
import { readFleet, type FleetDevice } from '@linnet/server';
import { textTable } from '../text-table.ts';

const COLUMNS = [
  'recorded',
  'stored',
  'pending',
  'gaps',
  'missing',
  'duplicates',
  'dropped',
  'dead',
] as const;

/** A line a device and one of sums; as JSON a line a device. */
export function showFleet({
  data,
  device,
  output,
}: {
  data: string;
  device?: string;
  output: 'text' | 'json';
}): string {
  const fleet = readFleet(data).filter((one) => device === undefined || one.device === device);
  if (device !== undefined && fleet.length === 0) {
    throw new LinnetError('config.unknown', `the store has heard of no device ${JSON.stringify(device)}`);
  }
  if (output === 'json') return fleet.map((one) => `${JSON.stringify(asData(one))}\n`).join('');
  const rows = fleet.map((one) => [
    one.device,
    ...COLUMNS.map((name) => String(one[name])),
    one.silent ? 'silent' : one.online === false ? 'offline' : '',
    new Date(one.lastSeen).toISOString(),
  ]);
  const sums = COLUMNS.map((name) => String(fleet.reduce((sum, one) => sum + one[name], 0)));
  const silent = fleet.filter((one) => one.silent).length;
  rows.push([`${fleet.length} devices`, ...sums, `${silent} silent`, '']);
  return textTable(
    [
      { title: 'device', align: 'left' },
      ...COLUMNS.map((title) => ({ title, align: 'right' as const })),
      { title: 'state', align: 'left' },
      { title: 'last heard', align: 'left' },
    ],
    rows,
  );
}

function asData({ firstSeen, lastSeen, watermark, ...rest }: FleetDevice): object {
  const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());
  return { ...rest, firstSeen: iso(firstSeen), lastSeen: iso(lastSeen), watermark: iso(watermark) };
}
