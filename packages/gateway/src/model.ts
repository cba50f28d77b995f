import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LinnetError } from '@linnet/core/base';
import { loadLstm, LstmRunner, strictKernel } from '@linnet/core/lstm';
import type { FindForecaster, Forecaster } from '@linnet/core/transmit';

/** An LSTM forecaster that both ends may know by its address. */
export interface Model {
  /** SHA-256 of the kernel that runs it and of the model's bytes, 64 hexadecimal digits. */
  readonly address: string;
  readonly find: FindForecaster;
}

/** @throws LinnetError `io.not-found`, `snapshot.invalid`, `config.invalid` for a model that foretells nothing */
export function openModel(path: string): Model {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new LinnetError('io.not-found', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  const model = loadLstm(bytes);
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
  return { address, find: (wanted) => (wanted === address ? forecaster : undefined) };
}
