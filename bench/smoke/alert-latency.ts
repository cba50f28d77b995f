import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert } from 'linnet';

export interface LatencyOptions {
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** Which quantile of the latencies is the figure. */
  readonly part: number;
}

const root = join(import.meta.dirname, '../..');
const [SENSORS, REGIONS, TICK_MS, WARM_MS] = [100, 5, 10, 5000];
const [START, ROUND, WINDOW] = [Date.UTC(2022, 6, 18), 600_000, 43_200_000];
const now = () => performance.timeOrigin + performance.now();

/**
 * The smoke flow over standard input at a steady rate, its alerts posted to a server here, with a commit each second. 100 sensors
 * report every ten minutes of event time, so that windows of 12 hours close all the time, each with alerts of five regions. The
 * event of an alert is the first record that lets its window close: that of 12 hours, the lateness, behind the window's end. The
 * time is taken from when it is written to when the alert's request is here.
 * @returns milliseconds
 */
export async function alertLatency({ seconds, recordsPerSecond, part }: LatencyOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-alerts-'));
  const latencies: number[] = [];
  /** When the first record of each round was written. */
  const written: number[] = [];
  const begin = now();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const window = Math.floor((Date.parse((JSON.parse(body) as Alert).start) - START) / WINDOW);
      const sent = written[((window + 2) * WINDOW) / ROUND];
      if (sent !== undefined && sent - begin > WARM_MS) latencies.push(now() - sent);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const settings = ['--output', 'json', '--recovery', folder, '--commit-interval', '1s'];
  const child = spawn(
    process.execPath,
    ['--conditions=source', 'apps/cli/src/main.ts', 'run', 'examples/smoke/flow.ts', ...settings],
    {
      cwd: root,
      stdio: ['pipe', 'ignore', 'inherit'],
      env: {
        ...process.env,
        INPUT: '-',
        ALERTS: 'webhook',
        LINNET_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
        LINNET_WEBHOOK_SECRET: 'bench',
      },
    },
  );
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.write('created_at,PM2.5_CF1_ug/m3,sensor,region\n');
  for (let count = 0; now() - begin < WARM_MS + seconds * 1000;) {
    const due = Math.floor(((now() - begin) / 1000) * recordsPerSecond);
    let text = '';
    for (; count < due; count++) text += line(count, written);
    child.stdin.write(text);
    await sleep(TICK_MS);
  }
  child.stdin.end();
  const code = await ended;
  server.close();
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`the flow ended with code ${code}`);
  const sorted = latencies.toSorted((one, other) => one - other);
  if (sorted.length < seconds) throw new Error(`only ${sorted.length} alerts came`);
  return sorted[Math.ceil(part * sorted.length) - 1] as number;
}

/** Two sensors of each region see smoke in the middle of every window. */
function line(count: number, written: number[]): string {
  const [round, sensor] = [Math.floor(count / SENSORS), count % SENSORS];
  if (sensor === 0) written.push(now());
  const smoke = round % (WINDOW / ROUND) === 36 && sensor < 2 * REGIONS;
  const pm = smoke ? 900 : 5 + ((round + sensor) % 7);
  return `${new Date(START + round * ROUND).toISOString()},${pm},${1000 + sensor},region ${sensor % REGIONS}\n`;
}
