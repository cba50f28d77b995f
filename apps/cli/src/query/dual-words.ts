import type { ColumnWords } from '@linnet/connectors/file';
import { PREDICTORS, STATUSES } from '@linnet/core/transmit';

/** What Linnet's own columns of a gateway's readings say, in words: the store keeps numbers. */
export const dualWords: ColumnWords = {
  _status: (value) => STATUSES[value] ?? String(value),
  _predictor: (value) => PREDICTORS[value] ?? 'none',
  // The first twelve digits of the model's address, as its file's SHA-256 begins.
  _model: (value) => value.toString(16).padStart(12, '0'),
};
