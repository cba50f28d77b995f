/** The thread that keeps a history in order: see HistoryKeeper. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { openStore } from './format.ts';
import {
  keepInOrder,
  messageOf,
  type FromKeeper,
  type KeeperStart,
  type ToKeeper,
} from './history-keeper.ts';

const { path, retention } = workerData as KeeperStart;
const parent = parentPort as MessagePort;
const database = openStore(path);
// Compaction loses nothing that is not in the log before it; the next commit of the writer makes both durable.
database.exec('PRAGMA synchronous=NORMAL');

parent.on('message', (message: ToKeeper) => {
  let result: FromKeeper = {};
  try {
    keepInOrder(database, retention, message === 'work');
  } catch (error) {
    result = { failed: messageOf(error) };
  }
  if (message === 'finish') database.close();
  parent.postMessage({ ...result, ...(message === 'finish' && { finished: true }) } satisfies FromKeeper);
});
