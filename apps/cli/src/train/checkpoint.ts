import { createHash } from 'node:crypto';
import { readFileBytes, writeFileAtomic } from '@linnet/connectors/file';
import { LinnetError, SnapshotReader, SnapshotWriter } from '@linnet/core';
import type { LstmTraining } from '@linnet/core/lstm';

export interface EpochLoss {
  readonly loss: number;
  readonly validationLoss: number;
}

/** How far a training has come, and the state in which it was best. */
export interface Progress {
  readonly history: EpochLoss[];
  best: { epoch: number; state: Uint8Array } | undefined;
}

/** Writes a training's state beside the model that it will become. */
export function writeCheckpoint(path: string, training: LstmTraining, { history, best }: Progress): void {
  const writer = new SnapshotWriter('lstm checkpoint', 1)
    .text(digest(training))
    .text(JSON.stringify(history))
    .blob(training.snapshot())
    .u32(best?.epoch ?? 0)
    .blob(best?.state ?? new Uint8Array(0));
  writeFileAtomic(path, writer.finish());
}

/** @throws LinnetError `io.not-found`, or `snapshot.invalid` for damage, other data or other settings */
export function readCheckpoint(path: string, training: LstmTraining): Progress {
  try {
    return restored(path, training);
  } catch (cause) {
    if (!(cause instanceof LinnetError) || cause.code !== 'snapshot.invalid') throw cause;
    const what = `${path}: ${cause.message}; train with the settings and data of before, or without --resume`;
    throw new LinnetError(cause.code, what, { cause });
  }
}

function restored(path: string, training: LstmTraining): Progress {
  const reader = new SnapshotReader(readFileBytes(path), 'lstm checkpoint', 1);
  reader.expect('data', reader.text(), digest(training));
  const history = JSON.parse(reader.text()) as EpochLoss[];
  training.restore(reader.blob());
  const epoch = reader.u32();
  const state = reader.blob();
  reader.finish();
  return { history, best: epoch > 0 ? { epoch, state } : undefined };
}

function digest({ job }: LstmTraining): string {
  return createHash('sha256').update(job.table).digest('hex').slice(0, 16);
}
