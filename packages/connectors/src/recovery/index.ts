/** @linnet/connectors/recovery: a flow's epochs on the embedded store. */
export type { ChangeOptions } from './flow-changes.ts';
export { readOutputs, readState, readStates, type StateSummary } from './read-store.ts';
export { RecoveryStore, recoveryPath, type RecoveryOptions } from './recovery-store.ts';
export { DirectoryLock } from './directory-lock.ts';
