/** A device of the benchmarks: what it measures, a week of it on disk, and the agent as a process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { agent } from '../../packages/agent/src/index.ts';

/** One reading a minute for a week. */
export const WEEK = 10_080;

/** Weather: three numbers with the digits that sensors give, about 80 bytes of JSON. */
export function reading(n: number): object {
  const noise = (k: number) => Math.abs(Math.sin(n * 12.9898 + k * 78.233) * 43_758.5453) % 1;
  return {
    time: 1_790_000_000_000 + n * 60_000,
    temperature: Number((15 + 8 * Math.sin(n / 229) + noise(1)).toFixed(2)),
    humidity: Number((60 + 10 * Math.cos(n / 229) + 2 * noise(2)).toFixed(1)),
    pressure: Number((1013 + 6 * Math.sin(n / 3000) + noise(3)).toFixed(2)),
  };
}

const endings: (() => void)[] = [];

/** One listener, however many things are to be cleared away. */
function atEnd(work: () => void): void {
  if (endings.push(work) === 1) process.on('exit', () => endings.forEach((one) => one()));
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-buffer-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Records a week with no broker in reach. @returns the buffer */
export async function recordWeek(id: string): Promise<string> {
  const buffer = newFolder();
  const offline = await agent({ id, broker: 'mqtt://127.0.0.1:1', buffer });
  await Promise.all(Array.from({ length: WEEK }, (_, n) => offline.record(reading(n))));
  await offline.close();
  return buffer;
}

export function startAgent(main: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
  atEnd(() => child.kill('SIGKILL'));
  return child;
}

/** Where an agent with --http takes readings. */
export async function urlOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
    const url = /taking readings on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the agent does not start');
}

/** The most memory that a process ever had. */
export function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Processor time that a process has taken so far, ms, in steps of 10. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
