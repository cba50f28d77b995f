import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LatencyOptions {
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** Which quantile of the latencies is the figure. */
  readonly part: number;
}

const cli = join(import.meta.dirname, '../../apps/cli/src/main.ts');
const flow = join(import.meta.dirname, 'alert-flow.ts');
const [KEYS, TICK_MS, WARM_MS] = [1000, 10, 8000];
const now = () => performance.timeOrigin + performance.now();

/**
 * Writes readings to a running flow at a steady rate, one strange reading a tick, and takes the time from when a strange one is written
 * to when its alert is read. Models are warm after 50 readings of each sensor; what comes before does not count.
 * @returns milliseconds
 */
export async function alertLatency({ seconds, recordsPerSecond, part }: LatencyOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-alerts-'));
  const args = [cli, 'run', flow, '--output', 'json', '--recovery', folder, '--commit-interval', '1s'];
  const child = spawn(process.execPath, ['--conditions=source', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => resolve(code));
  });
  const latencies: number[] = [];
  const start = now();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { sent } = JSON.parse(line) as { sent: number };
    if (sent - start > WARM_MS) latencies.push(now() - sent);
  });
  child.stdin.write('sent,sensor,pm25\n');
  let written = 0;
  while (now() - start < WARM_MS + seconds * 1000) {
    const due = Math.floor(((now() - start) / 1000) * recordsPerSecond);
    let text = '';
    for (; written < due; written++) {
      // Every sensor in turn; a strange reading now and then, of another sensor each time.
      const strange = written % 101 === 0 && written > 60 * KEYS;
      text += `${now()},s${written % KEYS},${strange ? 900 : 5 + (written % 7)}\n`;
    }
    child.stdin.write(text);
    await sleep(TICK_MS);
  }
  child.stdin.end();
  const code = await ended;
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`the flow ended with code ${code}`);
  const sorted = latencies.toSorted((one, other) => one - other);
  if (sorted.length < 100 * seconds * 0.5) throw new Error(`only ${sorted.length} alerts came`);
  return sorted[Math.ceil(part * sorted.length) - 1] as number;
}
