/** The thread behind `Detector`: takes one job, says how far it is, and what it found. */
import { parentPort } from 'node:worker_threads';
import { LinnetError } from '@linnet/core';
import { detect } from './detect.ts';
import type { FromDetector } from './detector.ts';
import type { Job } from './job.ts';

function say(message: FromDetector, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

parentPort?.once('message', (job: Job) => {
  try {
    const detection = detect(job, (stage, fraction) => say({ kind: 'progress', stage, fraction }));
    const { x, scores, anomalous } = detection;
    say({ kind: 'done', detection }, [x.buffer, scores.buffer, anomalous.buffer]);
  } catch (error) {
    const { message, stack } = error as Error;
    say({ kind: 'failed', message, stack, code: error instanceof LinnetError ? error.code : undefined });
  }
});
