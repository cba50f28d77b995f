import type { Clock } from '../base/clock.ts';
import type { RejectedEntries } from './decode.ts';
import type { Graph } from './graph.ts';
import { checkGraph, isSink } from './graph.ts';
import { LocalFlow } from './local.ts';
import type { StateCodec } from './operator.ts';
import { planStages } from './plan.ts';
import { BlockReader, type NumberedBlock } from './reading.ts';
import type { SinkContext, SinkWriter } from './sink.ts';
import type { StepCounts } from './stage-runner.ts';

export interface RunOptions {
  /** Entries to read from each source at most. */
  readonly limit?: number;
  readonly format?: SinkContext['format'];
  readonly clock?: Clock;
  readonly codec?: StateCodec;
  /** Takes what sinks print; resolves when it can take more. */
  print(text: string): Promise<void>;
  /** Asked after every block; true ends the run with what was complete. */
  stopped?(): boolean;
  onBlock?(block: NumberedBlock): void;
}

export interface RunResult {
  /** Records read from the sources. */
  readonly records: number;
  readonly rejected: RejectedEntries;
  /** Records that reached each sink. */
  readonly outputs: Readonly<Record<string, number>>;
  /** Counts by step id, summed over workers. */
  readonly steps: Readonly<Record<string, StepCounts>>;
  /** What the user should know: a model that was never warm, say. */
  readonly advice: readonly string[];
}

/** The last instant that a Date can hold, in epoch milliseconds: no record is ahead of it. */
const LAST_INSTANT = 8.64e15;

/** Where no clock is given processing time stands still. */
const STOPPED_CLOCK: Clock = { now: () => LAST_INSTANT };

const jsonCodec: StateCodec = {
  encode: (value) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as unknown,
};

/** Runs a flow on this thread until its sources end. */
export async function runLocal(graph: Graph, options: RunOptions): Promise<RunResult> {
  checkGraph(graph);
  const flow = new LocalFlow(planStages(graph), { codec: options.codec ?? jsonCodec });
  const sinks = new OpenSinks(graph, options);
  const reader = new BlockReader(graph, options.limit ?? Infinity, options.clock ?? STOPPED_CLOCK);
  try {
    for (let block = await reader.next(); block !== null; block = await reader.next()) {
      await sinks.write(flow.process(block));
      options.onBlock?.(block);
      if (options.stopped?.() === true) break;
    }
  } finally {
    await reader.close();
    await sinks.close();
  }
  const counts = new Map<string, StepCounts>();
  flow.addCounts(counts);
  return summarise(graph, counts, flow.rejected, sinks.written);
}

/** The sinks of a running flow. */
export class OpenSinks {
  readonly written: Record<string, number> = {};
  private readonly writers = new Map<string, SinkWriter<unknown>>();

  constructor(graph: Graph, options: RunOptions) {
    for (const step of graph.steps.values()) {
      if (!isSink(step)) continue;
      const { print } = options;
      this.written[step.id] = 0;
      this.writers.set(step.id, step.sink.open({ step: step.id, format: options.format ?? 'text', print }));
    }
  }

  async write(items: ReadonlyMap<string, readonly unknown[]>): Promise<void> {
    for (const [id, writer] of this.writers) {
      const own = items.get(id) ?? [];
      if (own.length === 0) continue;
      await writer.write(own);
      this.written[id] = (this.written[id] ?? 0) + own.length;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.writers.values()].map((writer) => writer.close()));
  }
}

export function summarise(
  graph: Graph,
  counts: ReadonlyMap<string, StepCounts>,
  rejected: RejectedEntries,
  outputs: Readonly<Record<string, number>>,
): RunResult {
  const advice: string[] = [];
  let records = 0;
  for (const step of graph.steps.values()) {
    const own = counts.get(step.id) ?? {};
    if (step.kind === 'source') records += own['out'] ?? 0;
    const text = step.advice?.(own);
    if (text !== undefined) advice.push(`step "${step.id}": ${text}`);
  }
  return { records, rejected, outputs, steps: Object.fromEntries(counts), advice };
}
