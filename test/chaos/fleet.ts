import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { linnet } from '../run-linnet.ts';

/** Processes of one flow, by name. One that is killed is started again, unless it is told to stay away for a while. */
export class Fleet {
  /** What all of them said, line by line with the name of who said it. */
  readonly said: string[] = [];
  private readonly args: readonly string[];
  private readonly env: Readonly<Record<string, string>>;
  private readonly running = new Map<string, ChildProcess>();
  private readonly lives = new Map<string, Promise<void>>();
  private readonly away = new Map<string, Promise<unknown>>();
  private readonly waiting = new Set<() => void>();
  private readonly onSaid: ((line: string) => void) | undefined;
  private readonly onFailure: (error: Error) => void;
  private stopped = false;

  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    onFailure: (error: Error) => void,
    onSaid?: (line: string) => void,
  ) {
    this.onSaid = onSaid;
    this.onFailure = onFailure;
    this.args = args;
    this.env = env;
  }

  start(name: string): void {
    const life = this.live(name);
    this.lives.set(name, life);
    life.catch((error: unknown) => this.onFailure(error as Error));
  }

  /** Ends them all, whatever they do; resolves when they are gone. */
  async stop(): Promise<void> {
    this.stopped = true;
    const gone = [...this.running.values()].map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    });
    await Promise.all(gone);
  }

  pid(name: string): number | undefined {
    return this.running.get(name)?.pid;
  }

  /** @returns whether there was something to kill */
  async kill(name: string, away?: Promise<unknown>): Promise<boolean> {
    const child = this.running.get(name);
    if (child === undefined) return false;
    if (away !== undefined) this.away.set(name, away);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    return true;
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.running.get(name)?.kill(signal);
  }

  /** Resolves when one of them says something that matches, or has since line `from`. */
  async heard(pattern: RegExp, from = 0, limitMs = 120_000): Promise<string> {
    const until = performance.now() + limitMs;
    for (let at = from; ;) {
      for (; at < this.said.length; at++)
        if (pattern.test(this.said[at] as string)) return this.said[at] as string;
      const left = until - performance.now();
      if (left <= 0) throw new Error(`nobody said ${pattern}; said was:\n${this.said.slice(-20).join('\n')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 1000));
        this.waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      this.waiting.clear();
    }
  }

  /** Resolves when every one has come to the end of the input by itself. */
  async ended(): Promise<void> {
    await Promise.all(this.lives.values());
  }

  private async live(name: string): Promise<void> {
    for (;;) {
      await this.away.get(name);
      this.away.delete(name);
      if (this.stopped) return;
      const run = await linnet([...this.args, '--instance', name], {
        env: this.env,
        input: '',
        during: (child) => {
          this.running.set(name, child);
          child.stderr?.on('data', (chunk: Buffer) => this.hear(name, chunk.toString()));
        },
      });
      this.running.delete(name);
      if (this.stopped) return;
      if (run.code === 0) return;
      if (run.signal !== 'SIGKILL')
        throw new Error(`process ${name} ended with ${run.code ?? run.signal}: ${run.stderr}`);
    }
  }

  private hear(name: string, text: string): void {
    for (const line of text.trimEnd().split('\n')) {
      this.said.push(`${name}: ${line}`);
      this.onSaid?.(`${new Date().toISOString().slice(11)} ${name}: ${line}`);
    }
    for (const wake of this.waiting) wake();
  }
}
