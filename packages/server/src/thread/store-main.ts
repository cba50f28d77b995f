/** The thread that owns the store: takes batches in, commits, and only then answers. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { inflateRawSync } from 'node:zlib';
import { openModels } from '@linnet/gateway';
import { openStore } from '@linnet/connectors/history';
import { Ingest, type Commit } from '../ingest/ingest.ts';
import { Mapping } from '../mapping/mapping.ts';
import { IngestDatabase } from '../store/ingest-database.ts';
import { Detector } from '../watch/detector.ts';
import {
  unpackBatch,
  type Answer,
  type BatchMessage,
  type FromThread,
  type ThreadData,
  type ToThread,
} from './messages.ts';
import { Pace } from './pace.ts';

/** A commit that failed (a full disk) is tried again after that long. */
const RETRY_MS = 1000;
const TICK_MS = 1000;
/** 64 MB. */
const LOG_PAGES_MAX = 16_384;

const port = parentPort as MessagePort;
const { store, models, mapping, detect, tuning, alertSinks } = workerData as ThreadData;
const db = openStore(store);
// The compacting thread does it; this is for when that one cannot.
db.exec(`PRAGMA wal_autocheckpoint=${LOG_PAGES_MAX}`);
const database = new IngestDatabase(db);
if (alertSinks !== undefined) database.transaction(() => database.alerts.keepFor(alertSinks));
const pace = new Pace();
const ingest = new Ingest(database, {
  pauseMs: (readings) => pace.pauseMs(readings, performance.now()),
  inflate: (bytes, bytesMax, dictionary) =>
    inflateRawSync(bytes, { maxOutputLength: bytesMax, ...(dictionary && { dictionary }) }),
  mapping: new Mapping(mapping?.config, mapping?.file),
  detector: new Detector(detect, (sensor) => database.models(sensor)),
  startedAt: Date.now(),
  ...(models !== undefined && { find: openModels(models) }),
  ...tuning,
});
const waiting: BatchMessage[] = [];
let retrying = false;
const ticking = setInterval(tick, TICK_MS);

port.on('message', (message: ToThread) => {
  if (message.kind === 'close') return close();
  if (message.kind === 'alerts') return nextAlerts(message.sink, message.delivered);
  waiting.push(message);
  if (!retrying) work();
});
say({ kind: 'ready' });

function work(): void {
  for (let batch = waiting[0]; batch !== undefined; batch = waiting[0]) {
    const startedAt = performance.now();
    const messages = unpackBatch(batch);
    const commit = attempt((now) => ingest.step(messages, now));
    if (commit === undefined) {
      retrying = true;
      setTimeout(() => {
        retrying = false;
        work();
      }, RETRY_MS);
      return;
    }
    waiting.shift();
    const now = performance.now();
    const presentWaitedMs = batch.presentSince && performance.timeOrigin + now - batch.presentSince;
    const worked = { tookMs: now - startedAt, backlog: commit.backlog, presentWaitedMs };
    say({ kind: 'committed', allowance: pace.worked(worked, now), ...answerOf(commit) });
  }
}

function answerOf({ acks, alerts }: Commit): Answer {
  return {
    tenants: acks.map(({ tenant }) => tenant),
    devices: acks.map(({ device }) => device),
    acks: acks.map(({ bytes }) => bytes),
    alerts,
  };
}

function nextAlerts(sink: string, delivered: number | undefined): void {
  if (delivered !== undefined) {
    try {
      database.transaction(() => database.alerts.delivered(sink, delivered));
    } catch {
      // A full disk: after a restart the sink gets them once more.
    }
  }
  say({ kind: 'alerts', sink, alerts: database.alerts.next(sink, delivered) });
}

function tick(): void {
  if (retrying || waiting.length > 0) return;
  const commit = attempt((now) => ingest.tick(now));
  if (commit !== undefined && commit.alerts.length + commit.acks.length > 0) {
    say({ kind: 'noticed', ...answerOf(commit) });
  }
}

function close(): void {
  clearInterval(ticking);
  attempt((now) => ingest.finish(now));
  db.close();
  say({ kind: 'closed' });
  port.close();
}

/** One transaction; nothing when it failed, after which the same may be tried again. */
function attempt(step: (now: number) => Commit): Commit | undefined {
  let commit: Commit | undefined;
  try {
    database.transaction(() => {
      if (database.changedByOthers()) ingest.forget();
      commit = step(Date.now());
      database.write(commit);
    });
    return commit;
  } catch (error) {
    ingest.forget();
    say({ kind: 'trouble', message: `not stored yet: ${(error as Error).message}` });
    return undefined;
  }
}

function say(message: FromThread): void {
  port.postMessage(message);
}
