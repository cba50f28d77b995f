/** `linnet batch`: read a table, find what stands out, write it. */
import { AtomicFile } from '@linnet/connectors/file';
import { LinnetError } from '@linnet/core';
import { interruptible } from '../interrupt.ts';
import { Progress } from '../progress.ts';
import { findAnomalies } from './find-anomalies.ts';
import type { BatchOptions, BatchResult } from './job.ts';
import { summaryJson, summaryText } from './summary.ts';
import { csvLines } from './write-csv.ts';
import { jsonLines } from './write-json.ts';
import { batchText } from './write-text.ts';

/** @throws LinnetError with everything that can be wrong with the input; no output is left half written */
export async function runBatch(options: BatchOptions): Promise<void> {
  const { out, plot, output } = options;
  if (out !== undefined && out === plot) {
    throw new LinnetError('usage', `--out and --plot both name ${out}: give each a name of its own`);
  }
  const files: AtomicFile[] = [];
  const progress = new Progress(process.stderr);
  await interruptible(
    async () => {
      // Opened before the work, so that a folder that cannot be written to is found out at once.
      const [outFile, plotFile] = [out, plot].map((path) => {
        if (path === undefined) return undefined;
        const file = new AtomicFile(path);
        files.push(file);
        return file;
      });
      const say = (sentence: string) => {
        progress.clear();
        process.stderr.write(`linnet: ${sentence}\n`);
      };
      const result = await findAnomalies(options, say, progress);
      progress.end();
      if (plotFile !== undefined) {
        const { batchPicture } = await import('../plot/batch-picture.ts');
        const { svg, note } = batchPicture(result);
        plotFile.write(svg);
        if (note !== undefined) say(note);
      }
      for (const chunk of chunksOf(result, options)) {
        if (outFile === undefined) await writeOut(chunk);
        else outFile.write(chunk);
      }
      for (const file of files) file.commit();
      process.stderr.write(output === 'json' ? `${summaryJson(result)}\n` : summaryText(result));
    },
    () => {
      progress.end();
      for (const file of files) file.discard();
    },
  );
}

function chunksOf(result: BatchResult, { output, all }: BatchOptions): Iterable<string> {
  if (output === 'json') return jsonLines(result, all);
  return output === 'csv' ? csvLines(result, all) : [batchText(result, all)];
}

/** Waits for a slow reader instead of piling up output. */
function writeOut(chunk: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}
