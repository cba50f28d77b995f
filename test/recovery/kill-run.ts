/** One run of a flow, killed again and again, and what it left compared with an undisturbed one. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { readOutputs, readState, recoveryPath } from '@linnet/connectors/recovery';

const root = join(import.meta.dirname, '../..');

/** A flow over a file, with a recovery folder. */
export interface FlowRun {
  /** File of the flow, from the root of the checkout. */
  readonly flow: string;
  readonly input: string;
  readonly directory: string;
}

export interface KillRun extends FlowRun {
  readonly records: number;
  readonly kills: number;
  /** Workers of the run that ends with a kill; the last number is for the run that is left to end. */
  workers(kill: number): number;
  /** Even in 0 to 1. */
  random(): number;
}

export interface Killed {
  /** Kills that hit a process before its run was over. */
  readonly kills: number;
  /** Of those, the ones before the first commit of their process: while it started or restored. */
  readonly beforeCommit: number;
}

/** A source reads so many bytes at once, and commits at least those. */
const BLOCK_BYTES = 2 ** 18;
const COMMIT_MS = '5ms';

function command({ flow, directory }: FlowRun, workers: number): string[] {
  const run = ['run', flow, '--recovery', directory, '--commit-interval', COMMIT_MS];
  return ['--conditions=source', 'apps/cli/src/main.ts', ...run, '--workers', String(workers)];
}

/** Runs to the end. */
export function runToEnd(run: FlowRun, workers: number): void {
  const { status, stderr } = spawnSync(process.execPath, command(run, workers), {
    cwd: root,
    env: { ...process.env, INPUT: run.input },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`the run ended with ${status}: ${stderr}`);
}

/**
 * Kills at random moments, some while the process starts or restores, the others at any time behind its first commit; so
 * spread that the run is not over before the last kill.
 */
export async function runAndKill(run: KillRun): Promise<Killed> {
  const { directory, kills, records, random } = run;
  let done = { kills: 0, beforeCommit: 0 };
  /** What a process takes to its first commit, and what it reads in a ms behind it: learned on the way. */
  let startMs = 300;
  let rate = 200;
  const block = (BLOCK_BYTES / statSync(run.input).size) * records;
  for (let kill = 0; kill < kills; kill++) {
    const before = progress(directory);
    const share = (records - before) / (kills - kill + 1);
    const started = performance.now();
    const child = spawn(process.execPath, command(run, run.workers(kill)), {
      cwd: root,
      env: { ...process.env, INPUT: run.input },
      stdio: 'ignore',
    });
    const stop = () => child.kill('SIGKILL');
    process.once('exit', stop);
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.on('exit', (_, signal) => resolve(signal));
    });
    // What is left must outlast the kills: then they come while the process starts, and at its first commit at the latest.
    const careful = records - before < ((kills - kill) / 5 + 4) * block;
    let committed: number | undefined;
    if (!careful && random() < Math.min(0.7, share / (2 * block))) {
      committed = await firstCommit(child, directory);
      await sleep((random() * 2 * Math.max(share - block, block / 4)) / rate);
    } else {
      await firstCommit(child, directory, random() * startMs * (careful ? 0.5 : 1));
    }
    const killed = performance.now();
    child.kill('SIGKILL');
    const signal = await ended;
    process.removeListener('exit', stop);
    if (signal !== 'SIGKILL') break;
    const read = progress(directory) - before;
    done = { kills: done.kills + 1, beforeCommit: done.beforeCommit + Number(read === 0) };
    if (committed === undefined) continue;
    startMs += (committed - started - startMs) / 8;
    if (read > block) rate += ((read - block) / Math.max(1, killed - committed) - rate) / 8;
  }
  return done;
}

/** Entries of the source in the last commit. */
function progress(directory: string): number {
  if (statSync(recoveryPath(directory), { throwIfNoEntry: false }) === undefined) return 0;
  try {
    const { checkpoint } = readState(directory);
    const [offset] = Object.values(checkpoint?.offsets ?? {}) as { lines?: number }[];
    return offset?.lines ?? 0;
  } catch (error) {
    // Killed before the tables were made.
    if (/is damaged \(it is empty\)/.test((error as Error).message)) return 0;
    throw error;
  }
}

/** The last checkpoint of a store, told by its checksum; looked at often, so its file stays open. */
class Checkpoints {
  private readonly path: string;
  private database: DatabaseSync | undefined;

  constructor(directory: string) {
    this.path = recoveryPath(directory);
  }

  /** Undefined where there is none, or while the store is being made. */
  last(): unknown {
    try {
      this.database ??= new DatabaseSync(this.path, { readOnly: true });
      return this.database.prepare("SELECT crc FROM meta WHERE name = 'checkpoint'").get()?.['crc'];
    } catch {
      return undefined;
    }
  }

  close(): void {
    this.database?.close();
  }
}

/** Waits until a process has committed for the first time, or for some time. */
async function firstCommit(child: ChildProcess, directory: string, ms = Infinity): Promise<number> {
  const end = performance.now() + ms;
  const checkpoints = new Checkpoints(directory);
  const before = checkpoints.last();
  while (child.exitCode === null && performance.now() < end) {
    const now = checkpoints.last();
    if (now !== undefined && now !== before) break;
    await sleep(1);
  }
  // Before the next process starts: a reader that stays would spare it putting the log right.
  checkpoints.close();
  return performance.now();
}

/** Missing and doubled records of a table, and readings of the history, against what they should be. */
export interface Comparison {
  readonly missing: number;
  readonly duplicated: number;
}

/** @returns also false in `identical` when the records are the same in another order */
export function compareOutputs(
  expected: readonly string[],
  directory: string,
): Comparison & { readonly identical: boolean } {
  const outputs = [...readOutputs(directory)];
  const left = new Map<string, number>();
  for (const record of expected) left.set(record, (left.get(record) ?? 0) + 1);
  let duplicated = 0;
  for (const record of outputs) {
    const count = left.get(record) ?? 0;
    if (count === 0) duplicated++;
    else left.set(record, count - 1);
  }
  const missing = [...left.values()].reduce((sum, count) => sum + count, 0);
  const identical = outputs.length === expected.length && outputs.every((line, i) => line === expected[i]);
  return { missing, duplicated, identical };
}

/** The readings of the history by the number that each carries. */
export function compareHistory(records: number, directory: string): Comparison {
  const database = openStoreReadOnly(recoveryPath(directory));
  const reader = new HistoryReader(database, {
    onDamage: ({ reason }) => {
      throw new Error(reason);
    },
  });
  const seen = new Uint8Array(records);
  for (const sensor of reader.sensors()) {
    for (const id of reader.read(sensor, {}, ['id']).channels['id'] ?? []) seen[id] = (seen[id] ?? 0) + 1;
  }
  database.close();
  return {
    missing: seen.filter((count) => count === 0).length,
    duplicated: seen.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
  };
}
