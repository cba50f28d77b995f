import type { Label } from './truth.ts';

const LABELS: readonly Label[] = ['clean', 'smoke', 'broken'];

/** Counts by truth, then by what was said. */
export type Confusion = Record<Label, Record<Label, number>>;

export function confusionOf(truth: ReadonlyMap<string, Label>, said: ReadonlyMap<string, Label>): Confusion {
  const row = () => ({ clean: 0, smoke: 0, broken: 0 });
  const counts: Confusion = { clean: row(), smoke: row(), broken: row() };
  for (const [key, label] of truth) counts[label][said.get(key) ?? 'clean']++;
  return counts;
}

export const NOTHING: Confusion = confusionOf(new Map(), new Map());

export function added(one: Confusion, other: Confusion): Confusion {
  const row = (truth: Label) => ({
    clean: one[truth].clean + other[truth].clean,
    smoke: one[truth].smoke + other[truth].smoke,
    broken: one[truth].broken + other[truth].broken,
  });
  return { clean: row('clean'), smoke: row('smoke'), broken: row('broken') };
}

/** Of the windows of a sensor that were so, the part that was said to be. */
export function recall(counts: Confusion, label: Label): number {
  const row = counts[label];
  return row[label] / Math.max(1, row.clean + row.smoke + row.broken);
}

/** Of the windows of a sensor that were said to be so, the part that was. */
export function precision(counts: Confusion, label: Label): number {
  const said = LABELS.reduce((sum, truth) => sum + counts[truth][label], 0);
  return counts[label][label] / Math.max(1, said);
}

/** The harmonic mean of both, of smoke and of broken, halved: one figure for a table. */
export function macroF1(counts: Confusion): number {
  const f1 = (label: Label) => {
    const [found, right] = [recall(counts, label), precision(counts, label)];
    return found + right === 0 ? 0 : (2 * found * right) / (found + right);
  };
  return (f1('smoke') + f1('broken')) / 2;
}

/** Lines for people. */
export function confusionText(title: string, counts: Confusion): string {
  const cell = (text: string | number) => String(text).padStart(9);
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  return [
    `${title}: sensor windows by truth (lines) and by what was said`,
    `${''.padEnd(8)}${LABELS.map(cell).join('')}${cell('recall')}${cell('precise')}`,
    ...LABELS.map(
      (label) =>
        `${label.padEnd(8)}${LABELS.map((said) => cell(counts[label][said])).join('')}${cell(percent(recall(counts, label)))}${cell(percent(precision(counts, label)))}`,
    ),
  ].join('\n');
}
