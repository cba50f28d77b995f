import {
  readIntelLab,
  seriesWriter,
  type INTEL_LAB_VALUES,
  type IntelLabCounts,
} from '@linnet/connectors/file';
import {
  describe,
  interpolateColumn,
  LinnetError,
  SeriesBuilder,
  type Description,
  type Series,
} from '@linnet/core';
import { drawLine } from './draw-line.ts';

export interface PrepareOptions {
  readonly from?: number;
  readonly to?: number;
  readonly resample: number;
  readonly value: (typeof INTEL_LAB_VALUES)[number];
  readonly dropEmpty?: true;
  readonly interpolate?: 'linear';
  readonly out?: string;
  readonly describe?: true;
  readonly plot?: true;
  readonly output: 'text' | 'json';
}

interface Described extends Description {
  readonly sensor: string;
  /** Instants without a reading, before interpolation. */
  readonly missing: number;
}

/** `linnet prepare`: raw lines to an evenly spaced table; statistics on stdout, what was read on stderr. */
export async function prepareFiles(files: readonly string[], options: PrepareOptions): Promise<void> {
  const { out, output } = options;
  if (out === undefined && options.describe === undefined && options.plot === undefined) {
    throw new LinnetError('usage', 'nothing to do: give --out FILE, --describe or --plot');
  }
  const write = out === undefined ? undefined : seriesWriter(out);
  const builder = new SeriesBuilder(options.resample, {
    ...(options.from !== undefined && { from: options.from }),
    ...(options.to !== undefined && { to: options.to }),
  });
  const counts = await readIntelLab(files, options.value, (mote, time, value) =>
    builder.add(String(mote), time, value),
  );
  process.stderr.write(`linnet: ${told(counts)}\n`);
  const series = builder.finish({ dropEmpty: options.dropEmpty === true });
  const missing = series.columns.map((column) => column.filter(Number.isNaN).length);
  if (options.interpolate === 'linear') for (const column of series.columns) interpolateColumn(column);
  await write?.(series);
  const { times, sensors, columns } = series;
  process.stderr.write(
    `linnet: ${times.length} instants of ${sensors.length} sensors, ${iso(times[0])} to ${iso(times.at(-1))}` +
      `${out === undefined ? '' : `, written to ${out}`}\n`,
  );
  if (options.describe === true) {
    const described = sensors.map((sensor, i) => ({
      sensor,
      missing: missing[i] as number,
      ...describe(columns[i] as Float64Array),
    }));
    process.stdout.write(output === 'json' ? jsonLines(described) : table(described));
  }
  if (options.plot === true) (output === 'json' ? process.stderr : process.stdout).write(drawn(series));
}

function told({ lines, short, malformed, firstBad }: IntelLabCounts): string {
  const bad = firstBad === undefined ? '' : ` (the first at ${firstBad})`;
  return `${lines} lines, ${short} short, ${malformed} malformed${bad}`;
}

function jsonLines(described: readonly Described[]): string {
  return described
    .map(({ sensor, count, missing, mean, std, min, p25, p50, p75, max }) =>
      JSON.stringify({ sensor, count, missing, mean, std, min, p25, p50, p75, max }),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** As pandas prints it: six places. */
function table(described: readonly Described[]): string {
  const names = ['sensor', 'count', 'missing', 'mean', 'std', 'min', 'p25', 'p50', 'p75', 'max'] as const;
  const rows = described.map((one) =>
    names.map((name, i) => (i < 3 ? String(one[name]) : (one[name] as number).toFixed(6))),
  );
  const widths = names.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  return [names, ...rows]
    .map((row) => row.map((cell, i) => cell.padStart(widths[i] as number)).join('  '))
    .map((line) => `${line}\n`)
    .join('');
}

function drawn({ sensors, columns, times }: Series): string {
  return sensors
    .map((sensor, i) => `sensor ${sensor}\n${drawLine([columns[i] as Float64Array])}`)
    .concat(`${iso(times[0])} to ${iso(times.at(-1))}\n`)
    .join('');
}

function iso(time: number | undefined): string {
  return new Date(time ?? Number.NaN).toISOString().replace(':00.000Z', 'Z');
}
