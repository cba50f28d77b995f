/**
 * The thread that rewrites what was committed into what is small and quick to read, beside the one that commits. It also moves what was committed
 * from SQLite's log into the file: done by a commit itself, that would hold up whatever waits for it by two more syncs.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { DatabaseSync } from 'node:sqlite';
import { backlogRows, compact, compactionDue, openStore } from '@linnet/connectors/history';

const LOOK_MS = 5000;
const CHECKPOINT_MS = 1000;
/** What is committed while a checkpoint runs is left; where the log was moved in whole the next commit begins it anew. */
const CHECKPOINTS_MAX = 8;
/** Each commit is a block of its own, which every query has to open: a small fleet must not gather too many. */
const TAILS_MAX = 1024;
/** So many readings a sensor are worth rewriting its youngest chunk. */
const ROWS_PER_SENSOR_MIN = 64;

const port = parentPort as MessagePort;
const db = openStore(workerData as string);
const looking = setInterval(look, LOOK_MS);
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
const checkpointing = setInterval(moveLog, CHECKPOINT_MS);
port.on('message', () => {
  clearInterval(looking);
  clearInterval(checkpointing);
  db.close();
  port.close();
});

function look(): void {
  try {
    while (isDue(db) && compact(db).rows > 0);
  } catch {
    // A full disk, or a store that is busy: the readings stay where they are, and it is tried again.
  }
}

function moveLog(): void {
  try {
    for (let i = 0; i < CHECKPOINTS_MAX; i++) {
      const { log, checkpointed } = checkpoint.get() as { log: number; checkpointed: number };
      if (log === checkpointed) return;
    }
  } catch {
    // As above: the commits do it themselves once the log is long.
  }
}

function isDue(store: DatabaseSync): boolean {
  if (compactionDue(store)) return true;
  const { tails, sensors } = store
    .prepare(
      `SELECT (SELECT count(*) FROM history_tail WHERE damaged = 0) AS tails,
              (SELECT coalesce(max(id), 0) FROM history_sensor) AS sensors`,
    )
    .get() as { tails: number; sensors: number };
  return tails > TAILS_MAX && backlogRows(store) >= sensors * ROWS_PER_SENSOR_MIN;
}
