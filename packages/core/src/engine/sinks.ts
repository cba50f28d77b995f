import type { Graph } from './graph.ts';
import { isSink } from './graph.ts';
import type { SinkContext, SinkWriter } from './sink.ts';

interface OpenSink {
  readonly writer: SinkWriter<unknown>;
  readonly transactional: boolean;
  /** What is on its way, in order; never rejects. */
  delivering: Promise<void>;
}

/** The sinks of a running flow. */
export class OpenSinks {
  readonly written: Record<string, number> = {};
  private readonly sinks = new Map<string, OpenSink>();
  private failure: unknown;

  /** @param recovery the run has a recovery store, which then takes the records of transactional sinks */
  constructor(graph: Graph, context: Omit<SinkContext, 'step'>, recovery = false) {
    for (const step of graph.steps.values()) {
      if (!isSink(step)) continue;
      const transactional = step.sink.transactional === true;
      const writer = recovery && transactional ? NOTHING : step.sink.open({ ...context, step: step.id });
      if (writer === null) continue;
      this.written[step.id] = 0;
      this.sinks.set(step.id, { writer, transactional, delivering: Promise.resolve() });
    }
  }

  /** Hands every sink its records and waits until they are taken. */
  async write(items: ReadonlyMap<string, readonly unknown[]>): Promise<void> {
    for (const [id, { writer }] of this.sinks) {
      const own = items.get(id) ?? [];
      if (own.length === 0) continue;
      await writer.write(own);
      this.count(id, own);
    }
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
    sink.delivering = sink.delivering
      .then(() => (this.failure === undefined ? sink.writer.write(items) : undefined))
      .then(() => {
        if (this.failure === undefined) done();
      })
      .catch((error: unknown) => {
        this.failure ??= error;
      });
  }

  /** Waits until everything is delivered; rethrows what a sink threw. */
  async drained(): Promise<void> {
    await Promise.all([...this.sinks.values()].map(({ delivering }) => delivering));
    if (this.failure !== undefined) throw this.failure;
  }

  async close(): Promise<void> {
    await Promise.all([...this.sinks.values()].map(({ writer }) => writer.close()));
  }

  private count(id: string, items: readonly unknown[]): void {
    this.written[id] = (this.written[id] ?? 0) + items.length;
  }
}

const NOTHING: SinkWriter<unknown> = { write: () => Promise.resolve(), close: () => Promise.resolve() };
