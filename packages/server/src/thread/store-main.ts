/** The thread that owns the store: takes batches in, commits, and only then answers. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { inflateRawSync } from 'node:zlib';
import { openModels } from '@linnet/gateway';
import { openStore } from '@linnet/connectors/history';
import { Ingest, type Commit } from '../ingest/ingest.ts';
import { IngestDatabase } from '../store/ingest-database.ts';
import {
  unpackBatch,
  type BatchMessage,
  type FromThread,
  type ThreadData,
  type ToThread,
} from './messages.ts';

/** A commit that failed (a full disk) is tried again after that long. */
const RETRY_MS = 1000;

const port = parentPort as MessagePort;
const { store, models } = workerData as ThreadData;
const db = openStore(store);
const database = new IngestDatabase(db);
const ingest = new Ingest(database, {
  inflate: (bytes, bytesMax) => inflateRawSync(bytes, { maxOutputLength: bytesMax }),
  ...(models !== undefined && { find: openModels(models) }),
});
const waiting: BatchMessage[] = [];
let retrying = false;

port.on('message', (message: ToThread) => {
  if (message.kind === 'close') {
    db.close();
    say({ kind: 'closed' });
    port.close();
    return;
  }
  waiting.push(message);
  if (!retrying) work();
});
say({ kind: 'ready' });

function work(): void {
  for (let batch = waiting[0]; batch !== undefined; batch = waiting[0]) {
    let commit: Commit;
    try {
      commit = commitBatch(batch);
    } catch (error) {
      ingest.forget();
      retrying = true;
      say({ kind: 'trouble', message: (error as Error).message });
      setTimeout(() => {
        retrying = false;
        work();
      }, RETRY_MS);
      return;
    }
    waiting.shift();
    say({
      kind: 'committed',
      tenants: commit.acks.map(({ tenant }) => tenant),
      devices: commit.acks.map(({ device }) => device),
      acks: commit.acks.map(({ bytes }) => bytes),
    });
  }
}

function commitBatch(batch: BatchMessage): Commit {
  const messages = unpackBatch(batch);
  let commit: Commit | undefined;
  database.transaction(() => {
    if (database.changedByOthers()) ingest.forget();
    commit = ingest.step(messages, Date.now());
    database.write(commit);
  });
  return commit as Commit;
}

function say(message: FromThread): void {
  port.postMessage(message);
}
