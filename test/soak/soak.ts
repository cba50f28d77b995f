/**
 * `npm run soak -- [--minutes 10] [--short]`: runs test/soak/flow.ts with recovery and history, 20,000 readings a second, and
 * prints its memory and its files on the way. Exits 1 when the memory at the end is above that at the start.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readState } from '@linnet/connectors/recovery';

/** Its start, too, must lie behind the time in which heaps find their size: about 15 s. */
const SHORT_SECONDS = 60;
/**
 * The heap is held to this: left alone it grows for minutes with what nobody has collected yet, and a leak would hide in that.
 * What leaks soon fills it, and ends the run.
 */
const HEAP = '--max-old-space-size=64';
/** Samples of the run; of its start, behind the time in which heaps find their size, and of its end the least value counts. */
const SAMPLES = 100;
const START = [30, 45] as const;
const END = [85, 100] as const;
/** What the garbage of buffers, which no limit of the heap holds, differs by; 1.2 million readings that leaked 80 bytes each pass it. */
const NOISE_MB = { long: 40, short: 96 };

const { minutes, short } = readArguments();
const seconds = short ? SHORT_SECONDS : minutes * 60;
const folder = mkdtempSync(join(tmpdir(), 'linnet-soak-'));
const state = join(folder, 'state');
const root = join(import.meta.dirname, '../..');
const args = [
  '--conditions=source',
  HEAP,
  'apps/cli/src/main.ts',
  'run',
  'test/soak/flow.ts',
  '--recovery',
  state,
];
const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const ended = new Promise<number | null>((resolve) => {
  child.on('exit', (code) => resolve(code));
});
process.on('exit', () => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
const rss: number[] = [];
for (let sample = 0; sample < SAMPLES && child.exitCode === null; sample++) {
  await sleep((seconds * 1000) / SAMPLES);
  rss.push(rssOf(child.pid as number));
  if (sample % 10 === 9) print(`${Math.round(((sample + 1) * seconds) / SAMPLES)} s`, rss.at(-1) as number);
}
child.kill('SIGINT');
const code = await ended;
const entries = (readState(state).checkpoint?.offsets['in'] as number | undefined) ?? 0;
const [first, last] = [least(START), least(END)];
const grown = last - first;
const flat = grown <= (short ? NOISE_MB.short : NOISE_MB.long);
process.stdout.write(
  `${seconds} s, ${(entries * 2000).toLocaleString('en')} readings; RSS at start ${first} MB, at end ${last} MB: ${flat ? 'flat' : `grown by ${grown} MB`}\n`,
);
const stopped = code === 130;
if (!stopped) process.stdout.write(`the run ended with ${code}\n`);
process.exit(flat && stopped && entries > 0 ? 0 : 1);

function print(when: string, megabytes: number): void {
  const files = readdirSync(state).reduce((sum, name) => sum + statSync(join(state, name)).size, 0);
  process.stdout.write(`${when}: RSS ${megabytes} MB, files ${Math.round(files / 1e6)} MB\n`);
}

function least([from, to]: readonly [number, number]): number {
  return Math.min(...rss.slice((from * SAMPLES) / 100, (to * SAMPLES) / 100));
}

/** Resident memory in MB, as the kernel counts it. */
function rssOf(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1]) / 1024);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: { minutes: { type: 'string', default: '10' }, short: { type: 'boolean', default: false } },
    });
    const length = Number(values.minutes);
    if (!(length > 0 && length <= 10_080)) throw new Error(`--minutes ${values.minutes}: it must be above 0`);
    return { minutes: length, short: values.short };
  } catch (error) {
    process.stderr.write(`soak: ${(error as Error).message}\n`);
    return process.exit(2);
  }
}
