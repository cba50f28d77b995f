#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

enableCompileCache();
// `npm run` changes to the checkout's folder; paths are meant from where the user stands.
const { INIT_CWD, npm_lifecycle_event } = process.env;
if (npm_lifecycle_event === 'linnet' && INIT_CWD !== undefined) process.chdir(INIT_CWD);
const { main } = await import('./cli.ts');
await main(process.argv.slice(2));
