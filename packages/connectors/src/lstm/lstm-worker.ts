/** A thread of a training: ready, works until the training stops. */
import { parentPort, workerData } from 'node:worker_threads';
import { assistLstm, type LstmJob } from '@linnet/core/lstm';

const { job, index } = workerData as { job: LstmJob; index: number };
parentPort?.postMessage('ready');
assistLstm(job, index);
