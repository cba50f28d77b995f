/** @linnet/core/lstm: LSTM encoder-decoders, trained and run. Apart from the rest, for its kernels' size. */
export { countParameters, type LstmShape } from './layout.ts';
export { assistLstm, LstmTraining, type LstmHead, type LstmJob, type LstmSettings } from './train.ts';
