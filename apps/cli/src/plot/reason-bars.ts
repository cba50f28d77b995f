/** Which columns set the anomalies apart, and how many of them each. */
import { COLOURS, figure, fitted, rectangle, text, type Box } from './draw.ts';

const ROW = 27;
const LABEL = 130;
const FIGURE = 44;

export function reasonBars(counts: readonly (readonly [name: string, count: number])[], box: Box): string {
  const shown = counts.slice(0, Math.floor((box.height - 52) / ROW));
  const most = Math.max(1, ...shown.map(([, count]) => count));
  const rows = shown.flatMap(([name, count], index) => {
    const y = box.y + 50 + index * ROW;
    const width = ((box.width - LABEL - FIGURE) * count) / most;
    return [
      text(box.x + LABEL - 10, y + 13, fitted(name, LABEL - 10, 12), { size: 12, anchor: 'end' }),
      rectangle(
        { x: box.x + LABEL, y, width: Math.max(2, width), height: ROW - 9 },
        COLOURS.anomaly,
        ' rx="2"',
      ),
      text(box.x + LABEL + Math.max(2, width) + 6, y + 13, figure(count), {
        size: 12,
        colour: COLOURS.quiet,
      }),
    ];
  });
  return [
    text(box.x, box.y + 14, 'What sets them apart', { size: 15, weight: 600 }),
    text(box.x, box.y + 32, shown.length > 0 ? 'anomalies by column that isolates them' : 'no column alone', {
      size: 11,
      colour: COLOURS.quiet,
    }),
    ...rows,
  ].join('\n');
}
