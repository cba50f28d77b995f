/** @linnet/connectors: sources, sinks and backends for Node. */
export { AtomicFile, writeFileAtomic } from './file/write-file-atomic.ts';
