import type { Graph } from '@linnet/core';
import { edgesOf, labelOf } from './describe.ts';
import { graphSvg } from './svg.ts';

/** One way to show a flow for each `--format`. */
export const drawings = {
  mermaid: (graph: Graph): Promise<string> => Promise.resolve(graphMermaid(graph)),
  svg: graphSvg,
  json: (graph: Graph): Promise<string> => Promise.resolve(`${JSON.stringify(graphJson(graph), null, 2)}\n`),
};

/** Mermaid's brackets by kind of step; a rectangle for the others. */
const SHAPES: Readonly<Record<string, readonly [string, string]>> = {
  source: ['([', '])'],
  sink: ['[[', ']]'],
  keyBy: ['{{', '}}'],
  branch: ['{', '}'],
};

function graphMermaid(graph: Graph): string {
  const steps = [...graph.steps.values()];
  // Ids of our own: a step may be called "end" or "a.b", which Mermaid reads otherwise.
  const node = new Map(steps.map((step, index) => [step.id, `s${index}`]));
  const lines = steps.map((step) => {
    const [open, close] = SHAPES[step.kind] ?? ['[', ']'];
    return `  ${node.get(step.id)}${open}"${labelOf(step).map(escapeMermaid).join('<br/>')}"${close}`;
  });
  for (const { from, to, port } of edgesOf(graph)) {
    lines.push(`  ${node.get(from)} -->${port === undefined ? '' : `|${port}|`} ${node.get(to)}`);
  }
  return `flowchart LR\n${lines.join('\n')}\n`;
}

function escapeMermaid(text: string): string {
  return text.replace(/[^\w .,:/()-]/gu, (character) => `#${character.codePointAt(0)};`);
}

function graphJson(graph: Graph): unknown {
  const steps = [...graph.steps.values()];
  return {
    flow: graph.name,
    steps: steps.map(({ id, kind, label, keyed }) => ({
      id,
      kind,
      ...(label !== undefined && { label }),
      keyed,
    })),
    edges: edgesOf(graph),
  };
}
