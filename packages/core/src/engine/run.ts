import type { Clock } from '../base/clock.ts';
import { assert } from '../base/error.ts';
import type { Backend } from './backend.ts';
import type { HotKeys } from './cold-store.ts';
import type { RejectedEntries } from './decode.ts';
import { Epochs } from './epochs.ts';
import { checkGraph, type AnyStep, type Graph } from './graph.ts';
import { LocalFlow } from './local.ts';
import type { StateCodec } from './operator.ts';
import { planStages } from './plan.ts';
import { BlockReader, type NumberedBlock } from './reading.ts';
import type { SinkContext } from './sink.ts';
import { OpenSinks } from './sinks.ts';
import type { StepCounts } from './stage-runner.ts';

export interface RunOptions {
  /** Entries to read from each source at most. */
  readonly limit?: number;
  readonly format?: SinkContext['format'];
  readonly clock?: Clock;
  readonly codec?: StateCodec;
  /** Where epochs are kept; without one a run that is cut off starts anew. */
  readonly recovery?: Recovery;
  /** What is kept in memory of the keys; everything if not given. */
  readonly hot?: HotKeys;
  /** Takes what sinks print; resolves when it can take more. */
  print(text: string): Promise<void>;
  /** Lets time pass for a flow whose live sources are silent; without it windows and commits wait for the next record. */
  wait?(ms: number): Promise<void>;
  /** Asked after every block; true ends the run with what was complete. */
  stopped?(): boolean;
  onBlock?(block: NumberedBlock): void;
  /** Told of trouble that passes by itself. */
  onTrouble?(message: string): void;
}

export interface Recovery {
  readonly backend: Backend;
  /** Time between two commits, in milliseconds. */
  readonly commitMs: number;
  sleep(ms: number): Promise<void>;
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
export const STOPPED_CLOCK: Clock = { now: () => LAST_INSTANT };

const jsonCodec: StateCodec = {
  encode: (value) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as unknown,
};

/** Runs a flow on this thread until its sources end. */
export async function runLocal(graph: Graph, options: RunOptions): Promise<RunResult> {
  checkGraph(graph);
  const { hot, codec = jsonCodec, recovery } = options;
  const ports = { codec, durable: recovery !== undefined, ...(hot !== undefined && { hot }) };
  const flow = new LocalFlow(planStages(graph), ports);
  const { reader, sinks, epochs } = openRun(graph, options);
  const { backend } = options.recovery ?? {};
  if (backend?.checkpoint != null) {
    flow.restoreWatermarks(backend.checkpoint);
    for (const entry of backend.states())
      assert(flow.restoreState(entry), `step ${entry.step} takes its state back`);
  }
  const handle = async (read: NumberedBlock, force = false): Promise<void> => {
    const block = epochs?.mark(read, force) ?? read;
    const { outputs, mark } = flow.process(block);
    if (epochs === undefined) {
      await sinks.write(outputs);
    } else {
      epochs.add({ info: block.info, outputs, mark, offset: block.offset });
      if (block.info.epochEnd) await epochs.commit(block.info.number, flow.drainState());
    }
    options.onBlock?.(block);
  };
  try {
    for (let block = await reader.next(); block !== null; block = await reader.next()) {
      await handle(block);
      if (options.stopped?.() !== true) continue;
      if (epochs !== undefined) await handle(reader.pause(), true);
      break;
    }
    await sinks.drained();
  } finally {
    await reader.close();
    await sinks.close();
  }
  const counts = new Map<string, StepCounts>();
  flow.addCounts(counts);
  return summarise(graph, counts, flow.rejected, sinks.written);
}

/** What every kind of run has: a reader, open sinks, and epochs where there is a backend. */
export function openRun(
  graph: Graph,
  options: RunOptions,
): { readonly reader: BlockReader; readonly sinks: OpenSinks; readonly epochs: Epochs | undefined } {
  const { recovery, clock = STOPPED_CLOCK, format = 'text', print, onTrouble, stopped } = options;
  const start = recovery?.backend.checkpoint ?? undefined;
  const reader = new BlockReader(graph, options.limit ?? Infinity, clock, start, options.wait);
  const trouble = (message: string) => onTrouble?.(message);
  const sinks = new OpenSinks(graph, { format, print, trouble }, recovery !== undefined);
  if (recovery === undefined) return { reader, sinks, epochs: undefined };
  const epochs = new Epochs(graph, recovery.backend, sinks, reader.started, {
    ...recovery,
    clock,
    ...(onTrouble !== undefined && { onTrouble }),
    ...(stopped !== undefined && { stopped }),
  });
  return { reader, sinks, epochs };
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
    const text = step.advice?.(own, unreadPorts(graph, step));
    if (text !== undefined) advice.push(`step "${step.id}": ${text}`);
  }
  return { records, rejected, outputs, steps: Object.fromEntries(counts), advice };
}

function unreadPorts(graph: Graph, step: AnyStep): readonly string[] {
  const taken = (port: number) =>
    [...graph.steps.values()].some(({ inputs }) =>
      inputs.some((from) => from.step === step.id && from.port === port),
    );
  return step.ports.filter((_, port) => !taken(port));
}
