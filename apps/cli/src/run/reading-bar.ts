import type { Graph } from '@linnet/core';
import type { NumberedBlock } from '@linnet/core/engine';
import type { Progress } from '../progress.ts';

/**
 * Shows on a bar how much of its sources a flow has read: the mean over them where each knows its size, else the number of
 * entries so far.
 */
export function readingBar(graph: Graph, progress: Progress): (block: NumberedBlock) => void {
  const sources = [...graph.steps.values()].filter(({ kind }) => kind === 'source');
  const fractions = new Map<string, number>();
  const entries = new Map<string, number>();
  progress.update(graph.name);
  return ({ info: { source, first, last }, progress: fraction }) => {
    if (last) return;
    if (fraction !== undefined) fractions.set(source, fraction);
    // Blocks that only let time pass begin at 0.
    entries.set(source, Math.max(first, entries.get(source) ?? 0));
    if (fractions.size === sources.length) progress.update(graph.name, sum(fractions) / sources.length);
    else progress.update(`${graph.name} ${sum(entries).toLocaleString('en')} entries`);
  };
}

function sum(values: ReadonlyMap<string, number>): number {
  return [...values.values()].reduce((total, value) => total + value, 0);
}
