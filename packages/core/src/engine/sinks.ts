import { LinnetError } from '../base/error.ts';
import type { Graph } from './graph.ts';
import { isSink } from './graph.ts';
import type { SinkContext, SinkWriter } from './sink.ts';

interface OpenSink {
  readonly writer: SinkWriter<unknown>;
  readonly transactional: boolean;
  readonly detached: boolean;
  /** What is on its way, in order; never rejects. */
  delivering: Promise<void>;
  /** Records on their way. */
  waiting: number;
  failure?: unknown;
}

/** Where there is no recovery store a sink's records wait in memory, no more than these. */
const WAITING_MAX = 10_000;

/** The sinks of a running flow. */
export class OpenSinks {
  readonly written: Record<string, number> = {};
  private readonly sinks = new Map<string, OpenSink>();
  private readonly recovery: boolean;

  /** @param recovery what the run commits to (a recovery store, Kafka) takes the records of transactional sinks */
  constructor(graph: Graph, context: Omit<SinkContext, 'step'>, recovery = false) {
    this.recovery = recovery;
    for (const step of graph.steps.values()) {
      if (!isSink(step)) continue;
      const transactional = step.sink.transactional === true;
      const writer = recovery && transactional ? NOTHING : step.sink.open({ ...context, step: step.id });
      if (writer === null) continue;
      this.written[step.id] = 0;
      const detached = step.sink.detached === true;
      this.sinks.set(step.id, { writer, transactional, detached, delivering: Promise.resolve(), waiting: 0 });
    }
  }

  /** Hands every sink its records and waits until they are taken; not for a detached one, as long as it keeps up. */
  async write(items: ReadonlyMap<string, readonly unknown[]>): Promise<void> {
    for (const [id, sink] of this.sinks) {
      const own = items.get(id) ?? [];
      if (own.length === 0) continue;
      if (sink.detached) {
        this.deliver(id, own, () => {});
        if (sink.waiting > WAITING_MAX) await sink.delivering;
      } else {
        await this.hand(id, own);
      }
    }
  }

  /** Hands a sink records and waits until they are delivered. */
  async hand(id: string, items: readonly unknown[]): Promise<void> {
    await this.sinks.get(id)?.writer.write(items);
    this.count(id, items);
  }

  /**
   * Hands a sink records that are committed already, in order behind those before, without waiting: a sink that hangs holds
   * up nothing but itself. A transactional sink has them by the commit.
   */
  deliver(id: string, items: readonly unknown[], done: () => void): void {
    const sink = this.sinks.get(id);
    if (sink === undefined) return;
    this.count(id, items);
    if (sink.transactional) return;
    sink.waiting += items.length;
    sink.delivering = sink.delivering
      .then(() => (sink.failure === undefined ? sink.writer.write(items) : undefined))
      .then(() => {
        if (sink.failure !== undefined) return;
        sink.waiting -= items.length;
        done();
      })
      .catch((error: unknown) => {
        sink.failure ??= error;
      });
  }

  /** Waits until everything is delivered, or given up; rethrows what a sink threw. */
  async drained(): Promise<void> {
    const sinks = [...this.sinks.values()];
    for (const { writer } of sinks) writer.hurry?.();
    await Promise.all(sinks.map(({ delivering }) => delivering));
    const failed = sinks.find(({ failure }) => failure !== undefined);
    if (failed !== undefined) throw this.explained(failed);
  }

  /** What was given up for now, with what becomes of it. */
  private explained({ failure, waiting }: OpenSink): unknown {
    if (!(failure instanceof LinnetError && failure.retryable)) return failure;
    const fate = this.recovery
      ? 'they wait in the recovery folder and go out with its next run'
      : 'they are lost; with --recovery DIR they would wait there';
    return new LinnetError(failure.code, `${failure.message} ${waiting} records: ${fate}`, {
      cause: failure,
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.sinks.values()].map(({ writer }) => writer.close()));
  }

  private count(id: string, items: readonly unknown[]): void {
    this.written[id] = (this.written[id] ?? 0) + items.length;
  }
}

const NOTHING: SinkWriter<unknown> = { write: () => Promise.resolve(), close: () => Promise.resolve() };
