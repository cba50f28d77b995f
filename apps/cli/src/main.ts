#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

enableCompileCache();
// `npm run` changes to the checkout's folder; paths are meant from where the user stands.
const { INIT_CWD, npm_lifecycle_event } = process.env;
if (npm_lifecycle_event === 'linnet' && INIT_CWD !== undefined) process.chdir(INIT_CWD);
const args = process.argv.slice(2);
// On a device memory is saved before anything is loaded.
if (args[0] === 'agent') (await import('@linnet/agent/save-memory')).saveMemory();
const { main } = await import('./cli.ts');
await main(args);
