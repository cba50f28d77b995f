/** The thread behind `Detector`. The cache of compiled code must be on before anything else is loaded: 25 ms, not 130. */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { parentPort } from 'node:worker_threads';

enableCompileCache();
const { serveDetector } = await import('./serve-detector.ts');
// Threads are ended, not left, so that nobody else would write what was compiled.
flushCompileCache();
if (parentPort !== null) serveDetector(parentPort);
