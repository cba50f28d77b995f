import { Worker } from 'node:worker_threads';
import { LinnetError } from '@linnet/core';
import type { LstmJob } from '@linnet/core/lstm';

/**
 * Starts the threads of a training but the first, which is the caller's own; they live until `training.stop()`.
 *
 * Each takes some 10 MB. They do not keep the process alive.
 * @throws LinnetError `io.failed` when a thread cannot start
 */
export async function startLstmCrew(job: LstmJob): Promise<void> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = new URL(`./lstm-worker.${extension}`, import.meta.url);
  const starting = Array.from({ length: job.threads - 1 }, (_, i) => {
    const worker = new Worker(script, {
      workerData: { job, index: i + 1 },
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 },
    });
    return new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', () => {
        worker.unref();
        resolve();
      });
    });
  });
  try {
    await Promise.all(starting);
  } catch (cause) {
    throw new LinnetError('io.failed', `cannot start a training thread: ${(cause as Error).message}`, {
      cause,
    });
  }
}
