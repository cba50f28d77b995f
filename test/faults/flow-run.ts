/** Runs of test/recovery/flow.ts over a file of its readings, as the tests of faults need them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { readOutputs } from '@linnet/connectors/recovery';
import { compareHistory, runToEnd } from '../recovery/kill-run.ts';
import { writeReadings } from '../recovery/readings.ts';

const root = join(import.meta.dirname, '../..');

export class FlowRuns {
  readonly input: string;
  readonly records: number;
  readonly expected: readonly string[];

  /** Makes the input and runs over it undisturbed. */
  constructor(folder: string, records: number) {
    this.input = join(folder, 'input.jsonl');
    this.records = records;
    writeReadings(this.input, records);
    const undisturbed = join(folder, 'undisturbed');
    runToEnd({ flow: 'test/recovery/flow.ts', input: this.input, directory: undisturbed }, 1);
    this.expected = [...readOutputs(undisturbed)];
  }

  /** Starts a run; `said` resolves when stderr holds a text, or rejects when the process ends without it. */
  start(directory: string, env: Readonly<Record<string, string>> = {}): StartedRun {
    const flow = ['run', 'test/recovery/flow.ts', '--recovery', directory, '--commit-interval', '5ms'];
    const child = spawn(process.execPath, ['--conditions=source', 'apps/cli/src/main.ts', ...flow], {
      cwd: root,
      env: { ...process.env, INPUT: this.input, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return new StartedRun(child);
  }

  /** Nothing where tables and history of a folder are those of an undisturbed run. */
  difference(directory: string): string | undefined {
    const outputs = [...readOutputs(directory)];
    if (outputs.length !== this.expected.length || outputs.some((line, i) => line !== this.expected[i]))
      return `${outputs.length} outputs, of ${this.expected.length}, or others`;
    const { missing, duplicated } = compareHistory(this.records, directory);
    return missing + duplicated === 0 ? undefined : `history: ${missing} missing, ${duplicated} doubled`;
  }
}

export class StartedRun {
  readonly child: ChildProcess;
  stderr = '';
  readonly ended: Promise<number | null>;

  constructor(child: ChildProcess) {
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.on('close', (code) => resolve(code));
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      child.emit('said');
    });
  }

  /** Waits until stderr holds a text. */
  said(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.stderr.includes(text)) resolve();
      };
      this.child.on('said', look);
      this.child.on('close', () => {
        reject(new Error(`the process ended without saying "${text}": ${this.stderr}`));
      });
      look();
    });
  }
}
