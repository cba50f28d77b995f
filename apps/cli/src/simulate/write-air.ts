import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { AtomicFile, writeFileAtomic } from '@linnet/connectors/file';
import { LinnetError } from '@linnet/core';
import { airLines, simulateAir, type AirLayout, type SimulatedAir } from '@linnet/core/simulate';
import { printer } from '../run/printer.ts';
import { truthText } from './truth-text.ts';

export interface SimulateAirOptions {
  readonly sensors: number;
  readonly days: number;
  readonly seed: number;
  readonly start: number;
  readonly interval: number;
  readonly layout: AirLayout;
  readonly out?: string;
  readonly truth?: string;
}

/** All readings are held at once, 16 bytes each. */
const READINGS_MAX = 50_000_000;
const DAY = 86_400_000;

/** `linnet simulate air`: readings to a file or to stdout, the truth to a file, what was written to stderr. */
export async function writeAir(options: SimulateAirOptions): Promise<void> {
  const { sensors, days, seed, start, interval, layout, out, truth } = options;
  if (interval > DAY) throw new LinnetError('usage', '--interval is at most a day');
  if ((sensors * days * DAY) / interval > READINGS_MAX) {
    throw new LinnetError(
      'usage',
      `these are more than ${READINGS_MAX.toLocaleString('en')} readings: take fewer --sensors or --days, or a longer --interval`,
    );
  }
  const air = simulateAir({ sensors, days, seed, start, intervalMs: interval });
  const rows = await (out === undefined ? toStdout(air, layout) : toFile(air, layout, out));
  if (truth !== undefined) writeFileAtomic(truth, truthText(air.truth));
  const { smoke, faults } = air.truth;
  const broken = new Set(faults.map(({ sensor }) => sensor)).size;
  const counted = `smoke ${smoke.length} times, ${faults.length} faults of ${broken} sensors`;
  process.stderr.write(
    `linnet: ${rows.toLocaleString('en')} readings of ${sensors} sensors, ${counted}${out === undefined ? '' : `, written to ${out}`}\n`,
  );
}

/** @returns how many readings */
async function toStdout(air: SimulatedAir, layout: AirLayout): Promise<number> {
  const print = printer(process.stdout);
  let lines = 0;
  for (const text of airLines(air, layout)) {
    await print(text);
    lines += linesIn(text);
  }
  return lines - 1;
}

/** @returns how many readings */
async function toFile(air: SimulatedAir, layout: AirLayout, out: string): Promise<number> {
  const file = new AtomicFile(out);
  const gzip = out.endsWith('.gz') ? createGzip() : undefined;
  gzip?.on('data', (chunk: Uint8Array) => file.write(chunk));
  try {
    let lines = 0;
    for (const text of airLines(air, layout)) {
      if (gzip === undefined) file.write(text);
      else if (!gzip.write(text)) await once(gzip, 'drain');
      lines += linesIn(text);
    }
    if (gzip !== undefined) await once(gzip.end(), 'end');
    file.commit();
    return lines - 1;
  } finally {
    file.discard();
  }
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
