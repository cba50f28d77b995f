import { readStates, type StateSummary } from '@linnet/connectors/recovery';
import { stateCodec } from '@linnet/connectors/runtime';
import type { Graph, Key } from '@linnet/core';
import { isSink, isSource } from '@linnet/core/engine';

/** The windows of a step that are not over yet. */
export interface OpenWindows {
  readonly step: string;
  readonly open: number;
  readonly oldest: { readonly key: Key; readonly start: string; readonly end: string };
}

/** Of each step of the flow that has any, in the order of the steps: read from the stored states by the step itself. */
export function openWindows(graph: Graph, directory: string, state: StateSummary): OpenWindows[] {
  return state.steps.flatMap(({ id, kind }) => {
    const step = graph.steps.get(id);
    // A step that became another reads nothing of the old one's.
    if (step === undefined || isSource(step) || isSink(step) || step.kind !== kind) return [];
    const openIn = step.create({ codec: stateCodec }).state?.openIn;
    if (openIn === undefined) return [];
    let open = 0;
    let oldest: { key: Key; start: number; end: number } | undefined;
    for (const { key, bytes } of readStates(directory, id)) {
      for (const { start, end } of bytes === null ? [] : openIn(bytes)) {
        open++;
        if (oldest === undefined || start < oldest.start) oldest = { key, start, end };
      }
    }
    if (oldest === undefined) return [];
    return [{ step: id, open, oldest: { key: oldest.key, start: iso(oldest.start), end: iso(oldest.end) } }];
  });
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
