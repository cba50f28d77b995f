import type { Graph } from '@linnet/core';
import type { RunOptions, RunResult } from '@linnet/core/engine';
import { runWithCrew } from './coordinator.ts';
import { Threads, type ThreadsOptions } from './threads.ts';

export interface ThreadedOptions extends RunOptions, ThreadsOptions {
  /** Made before the graph was, so that they load their flow meanwhile; for the same workers, path, home and memory. */
  readonly threads?: Threads;
}

/** Runs a flow on several worker threads, which end with it; see `runWithCrew`. */
export async function runThreaded(graph: Graph, options: ThreadedOptions): Promise<RunResult> {
  const { threads = new Threads(options) } = options;
  try {
    return await runWithCrew(graph, { clock: Date, ...options, start: threads.start.bind(threads, graph) });
  } finally {
    await threads.stop();
  }
}
