import type { Graph } from '@linnet/core';
import type { Backend } from '@linnet/core/engine';

/** Where a simulated run keeps its epochs: a disk that outlives the lives of the process. */
export interface Store {
  /** A life begins. */
  open(graph: Graph): Backend;
  /** Power goes. */
  crash(): void;
  /** The records of a table sink, in their order; after the run. */
  table(sink: string): readonly unknown[];
  /** Leaves nothing behind. */
  remove(): void;
}
