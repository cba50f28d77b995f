import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { hotKeys, loadFlow, runThreaded, stateCodec, type Threads } from '@linnet/connectors/runtime';
import type { RecoveryStore } from '@linnet/connectors/recovery';
import { LinnetError, runLocal, type Graph, type RunResult } from '@linnet/core';
import { Progress } from '../progress.ts';
import { EXIT } from '../report.ts';
import { printer } from './printer.ts';
import { readingBar } from './reading-bar.ts';
import { memoryOf, type WorkerOptions } from './start-threads.ts';

export interface RunFlowOptions extends WorkerOptions {
  readonly limit?: number;
  readonly output: 'text' | 'json';
  readonly commitInterval: number;
  readonly reset?: boolean;
  readonly rename: Readonly<Record<string, string>>;
  readonly drop: readonly string[];
}

/**
 * Runs the flow of a file with its output on stdout and what it has to say on stderr. Ctrl-C ends it after the block at
 * hand; a second one at once.
 * @param threads where there is more than one worker
 * @returns the exit code
 */
export async function runFlowFile(path: string, options: RunFlowOptions, threads?: Threads): Promise<number> {
  const { workers, output: format } = options;
  const started = performance.now();
  const graph = await loadFlow(path, import.meta.url);
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) process.exit(EXIT.interrupted);
    interrupted = true;
  };
  process.on('SIGINT', interrupt);
  const progress = new Progress(process.stderr);
  const print = printer(process.stdout);
  const say = (message: string) => {
    progress.clear();
    process.stderr.write(`linnet: ${message}\n`);
  };
  const common = {
    clock: Date,
    codec: stateCodec,
    ...(options.limit !== undefined && { limit: options.limit }),
    format,
    print: (text: string) => {
      progress.clear();
      return print(text);
    },
    stopped: () => interrupted,
    wait: (ms: number) => sleep(ms, undefined, { ref: false }),
    onTrouble: say,
    onBlock: readingBar(graph, progress),
  };
  if (workers > availableParallelism()) say(`note: ${workers} workers on ${availableParallelism()} cores`);
  const store = await openStore(graph, options, common.onTrouble);
  const recovery = store && {
    backend: store,
    commitMs: options.commitInterval,
    sleep: (ms: number) => sleep(ms),
  };
  const run = { ...common, ...(recovery && { recovery }) };
  const memory = memoryOf(options);
  const hot = hotKeys(memory, 1);
  let result: RunResult;
  try {
    result =
      threads === undefined
        ? await runLocal(graph, { ...run, hot })
        : await runThreaded(graph, { ...run, memory, workers, path, home: import.meta.url, threads });
  } finally {
    progress.end();
    hot.close();
    await store?.close();
    process.off('SIGINT', interrupt);
  }
  process.stderr.write(summary(result, format, (performance.now() - started) / 1000));
  return interrupted ? EXIT.interrupted : EXIT.done;
}

async function openStore(
  graph: Graph,
  options: RunFlowOptions,
  onTrouble: (message: string) => void,
): Promise<RecoveryStore | undefined> {
  const { recovery, reset = false, rename, drop } = options;
  if (recovery !== undefined) {
    const { RecoveryStore: Store } = await import('@linnet/connectors/recovery');
    return new Store(recovery, graph, { reset, rename, drop, onTrouble });
  }
  if (!reset && drop.length === 0 && Object.keys(rename).length === 0) return undefined;
  throw new LinnetError(
    'usage',
    '--reset, --rename and --drop are about a recovery folder: add --recovery DIR',
  );
}

function summary(result: RunResult, format: 'text' | 'json', seconds: number): string {
  const { records, rejected, outputs, steps, advice } = result;
  const skipped = Object.values(steps).reduce((sum, step) => sum + (step['skipped'] ?? 0), 0);
  if (format === 'json') {
    const rounded = Math.round(seconds * 1000) / 1000;
    return `${JSON.stringify({ records, rejected: rejected.count, skipped, outputs, seconds: rounded, steps, advice })}\n`;
  }
  const count = (n: number, what: string) => `${grouped(n)} ${what}`;
  const out = Object.entries(outputs).map(([id, n]) => `${count(n, 'to')} "${id}"`);
  const lines = [`${count(records, 'records')}, ${out.join(', ')} in ${seconds.toFixed(2)} s`];
  if (skipped > 0) lines.push(`${count(skipped, 'records')} had no usable value and were not scored`);
  if (rejected.count > 0)
    lines.push(`${count(rejected.count, 'entries')} are no records: ${rejected.first.join('; ')}`);
  for (const text of advice) lines.push(`note: ${text}`);
  return lines.map((line) => `linnet: ${line}\n`).join('');
}

/** A whole number with a comma every three digits; the first use of `toLocaleString` takes 20 ms. */
function grouped(n: number): string {
  return String(n).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
