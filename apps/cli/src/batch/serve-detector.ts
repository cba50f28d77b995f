import type { MessagePort } from 'node:worker_threads';
import { LinnetError } from '@linnet/core';
import { detect } from './detect.ts';
import type { FromDetector } from './detector.ts';
import type { Job } from './job.ts';

/** Takes one job from the port, says how far it is, and what it found. */
export function serveDetector(port: MessagePort): void {
  const say = (message: FromDetector, transfer: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);
  port.once('message', (job: Job) => {
    try {
      const detection = detect(job, (stage, fraction) => say({ kind: 'progress', stage, fraction }));
      const { x, scores, anomalous } = detection;
      say({ kind: 'done', detection }, [x.buffer, scores.buffer, anomalous.buffer]);
    } catch (error) {
      const { message, stack } = error as Error;
      say({ kind: 'failed', message, stack, code: error instanceof LinnetError ? error.code : undefined });
    }
  });
}
