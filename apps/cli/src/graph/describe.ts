import type { Graph } from '@linnet/core';
import type { AnyStep } from '@linnet/core/engine';

export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  /** Name of the port it leaves by, where the step has several. */
  readonly port?: string;
}

export function edgesOf(graph: Graph): DrawnEdge[] {
  return [...graph.steps.values()].flatMap((step) =>
    step.inputs.map((input) => {
      const ports = graph.steps.get(input.step)?.ports ?? [];
      const port = ports.length > 1 ? ports[input.port] : undefined;
      return { from: input.step, to: step.id, ...(port !== undefined && { port }) };
    }),
  );
}

/** What is written on a step: its id, and what it does. */
export function labelOf(step: AnyStep): string[] {
  return step.label === undefined ? [step.id, step.kind] : [step.id, `${step.kind}: ${step.label}`];
}
