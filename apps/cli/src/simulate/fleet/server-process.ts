/** `linnet serve` as a process of its own, which can be killed and started again on the same port and store. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { LinnetError } from '@linnet/core';
import { killProcess } from './kill-process.ts';

export interface ServerOptions {
  /** How to start the command line: program and what comes before `serve`. */
  readonly command: readonly [string, ...string[]];
  /** Folder of the store. */
  readonly data: string;
  /** Broker of others; without it the embedded one. */
  readonly broker?: string;
  /** Address that the embedded broker listens on; default loopback. */
  readonly host?: string;
  /** Told when it ends without having been asked to. */
  readonly onFailure: (error: Error) => void;
}

const SAID_MAX = 20;

export class ServerProcess {
  /** Kills that hit it. */
  kills = 0;
  private readonly options: ServerOptions;
  private child: ChildProcess | undefined;
  private readonly said: string[] = [];
  private embeddedPort = 0;
  private stopping = false;

  constructor(options: ServerOptions) {
    this.options = options;
  }

  /** Port of the embedded broker. */
  get port(): number {
    return this.embeddedPort;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Resolves when it takes readings in. */
  async start(): Promise<void> {
    const { command, data, broker, host = '127.0.0.1', onFailure } = this.options;
    const [program, ...before] = command;
    const source =
      broker === undefined
        ? ['--mqtt', '--host', host, '--port', String(this.embeddedPort)]
        : ['--broker', broker];
    const child = spawn(program, [...before, 'serve', ...source, '--data', data], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child = child;
    const lines = createInterface({ input: child.stderr });
    const ready = new Promise<string>((resolve) => {
      lines.on('line', (line) => {
        this.said.push(line);
        if (this.said.length > SAID_MAX) this.said.shift();
        if (/, storing in /.test(line)) resolve(line);
      });
    });
    child.on('exit', () => {
      if (this.child !== child) return;
      this.child = undefined;
      if (!this.stopping) onFailure(this.failure());
    });
    const gone = once(child, 'exit').then(() => undefined);
    const line = await Promise.race([ready, gone]);
    if (line === undefined) throw this.failure();
    const port = /mqtt:\/\/[\d.]+:(\d+),/.exec(line)?.[1];
    if (broker === undefined) this.embeddedPort = Number(port);
  }

  /** SIGKILL. @returns whether there was something to kill */
  async kill(): Promise<boolean> {
    const { child } = this;
    if (child === undefined) return false;
    this.child = undefined;
    await killProcess(child);
    this.kills++;
    return true;
  }

  /** It commits what it took in and ends. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.stopping = true;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  /** Ends it at once, for good. */
  abandon(): void {
    this.stopping = true;
    this.child?.kill('SIGKILL');
  }

  private failure(): LinnetError {
    return new LinnetError('io.failed', `the server ended by itself: ${this.said.join(' | ')}`);
  }
}
