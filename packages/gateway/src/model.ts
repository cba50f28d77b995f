import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LinnetError } from '@linnet/core/base';
import { loadLstm, LstmRunner, strictKernel, type LstmModel } from '@linnet/core/lstm';
import type { FindForecaster, Forecaster } from '@linnet/core/transmit';

/** An LSTM forecaster that both ends may know by its address. */
export interface Model {
  /** SHA-256 of the kernel that runs it and of the model's bytes, 64 hexadecimal digits. */
  readonly address: string;
  /** Names of what it foretells, in the order of a row. */
  readonly sensors: readonly string[];
  readonly find: FindForecaster;
}

/** @throws LinnetError `io.not-found`, `snapshot.invalid`, `config.invalid` for a model that foretells nothing */
export function openModel(path: string): Model {
  const bytes = bytesOf(path);
  const model = loaded(path, bytes);
  if (model.head !== 'forecast') {
    throw new LinnetError(
      'config.invalid',
      `${path} puts windows together again and foretells nothing: train it with --forecast`,
    );
  }
  const address = createHash('sha256').update(strictKernel).update(bytes).digest('hex');
  const runner = new LstmRunner(model, { arithmetic: 'strict' });
  const { lookBack, steps, features } = model.shape;
  const forecaster: Forecaster = { lookBack, steps, channels: features, run: (values) => runner.run(values) };
  const { sensors } = model;
  return { address, sensors, find: (wanted) => (wanted === address ? forecaster : undefined) };
}

/**
 * A model of either head from its file.
 * @throws LinnetError `io.not-found`, `snapshot.invalid`
 */
export function readModel(path: string): LstmModel {
  return loaded(path, bytesOf(path));
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LinnetError('io.not-found', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

function loaded(path: string, bytes: Uint8Array): LstmModel {
  try {
    return loadLstm(bytes);
  } catch (cause) {
    if (!(cause instanceof LinnetError)) throw cause;
    const what = `${path}: ${cause.message}; take it from a backup, or train it again`;
    throw new LinnetError(cause.code, what, { cause });
  }
}

/**
 * The forecasters of a folder's `*.linnet` files, by address. Read at the start; models of another kind are left out.
 * @throws LinnetError `io.not-found` when the folder cannot be read, `snapshot.invalid` for a damaged file
 */
export function openModels(folder: string): FindForecaster {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.linnet'));
  } catch (cause) {
    throw new LinnetError('io.not-found', `cannot read ${folder}: ${(cause as Error).message}`, { cause });
  }
  const models = names.flatMap((name) => {
    try {
      return [openModel(join(folder, name))];
    } catch (error) {
      if (error instanceof LinnetError && error.code === 'config.invalid') return [];
      throw error;
    }
  });
  return (address) => models.find((model) => model.address === address)?.find(address);
}
