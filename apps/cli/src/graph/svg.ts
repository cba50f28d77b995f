import type { Graph } from '@linnet/core';
import { escapeXml } from '../escape-xml.ts';
import { edgesOf, labelOf } from './describe.ts';

const CHARACTER_WIDTH = 7.6;
const PADDING = 16;
const NODE_HEIGHT = 48;
const MARGIN = 24;

/** Fill and border by kind of step. */
const COLOURS: Readonly<Record<string, readonly [string, string]>> = {
  source: ['#e3f1ea', '#2f7d5b'],
  sink: ['#fbe9df', '#b5562a'],
  keyBy: ['#fdf4d7', '#9a7b12'],
  model: ['#e6e8fa', '#4a52b0'],
};

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The flow as an SVG picture, laid out from left to right by dagre. */
export async function graphSvg(graph: Graph): Promise<string> {
  const dagre = (await import('@dagrejs/dagre')).default;
  const layout = new dagre.graphlib.Graph({ multigraph: true });
  layout.setGraph({ rankdir: 'LR', nodesep: 28, ranksep: 56, marginx: MARGIN, marginy: MARGIN });
  for (const step of graph.steps.values()) {
    const width = Math.max(...labelOf(step).map((line) => line.length)) * CHARACTER_WIDTH + 2 * PADDING;
    layout.setNode(step.id, { width, height: NODE_HEIGHT });
  }
  // Two ways between the same steps are told apart by their names, which must not be empty.
  edgesOf(graph).forEach(({ from, to, port = '' }, index) =>
    layout.setEdge(
      from,
      to,
      { label: port, width: port.length * CHARACTER_WIDTH, height: port === '' ? 0 : NODE_HEIGHT / 2 },
      String(index),
    ),
  );
  dagre.layout(layout);
  const { width = 0, height = 0 } = layout.graph() as { width?: number; height?: number };
  const edges = layout.edges().map((edge: { v: string; w: string; name?: string }) => {
    const { points, label, x, y } = layout.edge(edge) as unknown as Point & {
      points: Point[];
      label: string;
    };
    return drawEdge(points, label, { x, y });
  });
  const nodes = [...graph.steps.values()].map((step) =>
    drawNode(layout.node(step.id) as Point & { width: number }, step.kind, labelOf(step)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}" height="${Math.ceil(height)}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    `<title>${escapeXml(graph.name)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>',
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...edges,
    ...nodes,
    '</svg>',
    '',
  ].join('\n');
}

function drawNode(
  { x, y, width }: Point & { width: number },
  kind: string,
  [id = '', what = '']: string[],
): string {
  const [fill, border] = COLOURS[kind] ?? ['#f3f4f6', '#667085'];
  const box = `<rect x="${x - width / 2}" y="${y - NODE_HEIGHT / 2}" width="${width}" height="${NODE_HEIGHT}" rx="8" fill="${fill}" stroke="${border}"/>`;
  const title = `<text x="${x}" y="${y - 4}" text-anchor="middle" font-weight="600" fill="#1d2433">${escapeXml(id)}</text>`;
  const kindLine = `<text x="${x}" y="${y + 14}" text-anchor="middle" font-size="11" fill="#55607a">${escapeXml(what)}</text>`;
  return `${box}${title}${kindLine}`;
}

function drawEdge(points: readonly Point[], label: string, middle: Point): string {
  const path = points
    .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');
  const text =
    label === ''
      ? ''
      : `<text x="${middle.x}" y="${middle.y - 6}" text-anchor="middle" font-size="11" fill="#55607a">${escapeXml(label)}</text>`;
  return `<path d="${path}" fill="none" stroke="#667" stroke-width="1.4" marker-end="url(#arrow)"/>${text}`;
}
