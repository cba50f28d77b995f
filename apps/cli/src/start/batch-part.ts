import { findAnomalies } from '../batch/find-anomalies.ts';
import { BATCH_DEFAULTS } from '../batch/job.ts';
import { summaryText } from '../batch/summary.ts';
import { batchText } from '../batch/write-text.ts';
import { interruptible } from '../interrupt.ts';
import { Progress } from '../progress.ts';
import type { Part } from './part.ts';

/** Finds the anomalies of the whole snapshot at once, and prints them as a table. */
export async function batchPart(file: string): Promise<Part> {
  // At once, so that a person sees that it began.
  process.stdout.write(`All readings at once (${file}):\n\n`);
  const progress = new Progress(process.stderr);
  const say = (sentence: string) => process.stderr.write(`linnet: ${sentence}\n`);
  const options = { ...BATCH_DEFAULTS, file };
  const result = await interruptible(
    () => findAnomalies(options, say, progress),
    () => progress.end(),
  );
  progress.end();
  process.stdout.write(`${batchText(result, false)}\n${summaryText(result)}\n`);
  return { name: 'batch', records: result.table.rows, anomalies: result.anomalies.length };
}
