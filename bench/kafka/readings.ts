/** Readings of a fleet for the scenarios over Kafka: one is 200 bytes of JSON. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

const VALUE_BYTES = 200;

export interface Reading {
  readonly sensor: string;
  readonly n: number;
  readonly pm: number;
}

/** The n-th reading of `sensors` that take turns. */
function readingText(n: number, sensors: number): string {
  const text = JSON.stringify({
    sensor: `s${String(n % sensors).padStart(6, '0')}`,
    n,
    at: new Date(1_700_000_000_000 + Math.floor(n / sensors) * 1000).toISOString(),
    region: `r${n % 17}`,
    pm: Math.round(500 * Math.abs(Math.sin(n * 0.7) * Math.cos(n * 0.0013))) / 10,
    temperature: 15 + (n % 120) / 10,
    humidity: 40 + (n % 31),
    battery: 3 + (n % 70) / 100,
    note: '',
  });
  return `${text.slice(0, -2)}${'-'.repeat(VALUE_BYTES - text.length)}"}`;
}

/** Writes readings to a file, one a line. */
export async function writeReadings(path: string, records: number, sensors: number): Promise<void> {
  const file = createWriteStream(path);
  let text = '';
  for (let n = 0; n < records; n++) {
    text += `${readingText(n, sensors)}\n`;
    if (text.length < 2 ** 20 && n < records - 1) continue;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end();
  await once(file, 'close');
}
