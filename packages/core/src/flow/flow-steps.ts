import type { AnyStep, Graph } from '../engine/graph.ts';

/** A flow as its streams see it: the graph so far, and a way to add to it. What a flow file exports, too. */
export interface FlowSteps {
  readonly graph: Graph;
  /** @throws LinnetError `flow.duplicate-step` */
  add(step: AnyStep): void;
}
