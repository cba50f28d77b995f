/** The script of a worker thread. */
import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';
import type { ThreadData } from './messages.ts';

// A thread does not take over its process's; with it the modules are there in half the time.
if ((workerData as ThreadData).compileCache) enableCompileCache();
await import('./thread-main.ts');
