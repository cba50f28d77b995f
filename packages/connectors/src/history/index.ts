/** @linnet/connectors/history: every reading, score and anomaly in one SQLite file. */
export {
  HISTORY_VERSION,
  STORE_FILE,
  createHistory,
  openReadOnly,
  openStore,
  openStoreReadOnly,
  storePath,
} from './format.ts';
export { HistoryWriter, type HistoryBatch } from './history-writer.ts';
export {
  HistoryReader,
  type Reading,
  type Readings,
  type Scanned,
  type SensorName,
  type Span,
} from './history-reader.ts';
export type { Damage } from './block-store.ts';
export type { Points } from './downsample.ts';
export { backlogRows, compact, compactionDue, type Compaction } from './compact.ts';
export { historyBytes, retain, type Retained, type Retention } from './retain.ts';
export { history, type HistoryOptions } from './history-sink.ts';
export type { HistoryColumns } from './history-buffer.ts';
export type { ByteSize } from './byte-size.ts';
