import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { LinnetError, type ErrorCode } from '@linnet/core';
import type { Detection, Job } from './job.ts';

/** What the thread says. */
export type FromDetector =
  | { readonly kind: 'progress'; readonly stage: string; readonly fraction: number | undefined }
  | { readonly kind: 'done'; readonly detection: Detection }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly stack: string | undefined;
      readonly code: ErrorCode | undefined;
    };

/**
 * The computing, on a thread of its own: this one stays free for Ctrl-C and for the progress bar, and reads the
 * table while the other starts up.
 */
export class Detector {
  private readonly worker: Worker;

  constructor() {
    this.worker = new Worker(new URL(`./detector-main${extname(import.meta.url)}`, import.meta.url));
    // Until there is a job, the thread is no reason to stay.
    this.worker.unref();
  }

  run(job: Job, onProgress: (stage: string, fraction: number | undefined) => void): Promise<Detection> {
    this.worker.ref();
    return new Promise((resolve, reject) => {
      this.worker.on('message', (message: FromDetector) => {
        if (message.kind === 'progress') onProgress(message.stage, message.fraction);
        else if (message.kind === 'done') resolve(message.detection);
        else reject(errorOf(message));
      });
      this.worker.on('error', reject);
      this.worker.on('exit', (code) => reject(new Error(`the computing thread ended with ${code}`)));
      this.worker.postMessage(job, [job.x.buffer]);
    });
  }

  close(): void {
    void this.worker.terminate();
  }
}

function errorOf({ message, stack, code }: FromDetector & { kind: 'failed' }): Error {
  const error = code === undefined ? new Error(message) : new LinnetError(code, message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
