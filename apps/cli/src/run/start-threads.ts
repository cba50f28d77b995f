import { Threads, type MemoryOptions } from '@linnet/connectors/runtime';

export interface WorkerOptions {
  readonly workers: number;
  readonly stateMemory: number;
  readonly hotKeys?: number;
  readonly recovery?: string;
}

/** The threads of a run with workers, before the flow is loaded here: they load it meanwhile. */
export function startThreads(path: string, options: WorkerOptions): Threads {
  const { workers } = options;
  return new Threads({ workers, path, home: import.meta.url, memory: memoryOf(options) });
}

export function memoryOf({ stateMemory, hotKeys, recovery }: WorkerOptions): MemoryOptions {
  return {
    stateBytes: stateMemory,
    ...(hotKeys !== undefined && { hotKeys }),
    ...(recovery !== undefined && { directory: recovery }),
  };
}
