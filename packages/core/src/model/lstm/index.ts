/** @linnet/core/lstm: LSTM encoder-decoders, trained and run. Apart from the rest, for its kernels' size. */
export { hasRelaxedSimd, strictKernel, type LstmArithmetic } from '../../kernels/lstm.ts';
export { findAlarms, fitThresholds, type LstmAlarm } from './detect.ts';
export { LstmDetector, type LstmFinding } from './detector.ts';
export { ForecastError, RelativeError } from './error-check.ts';
export { countParameters, type LstmShape } from './layout.ts';
export { loadLstm, saveLstm, standardisation, standardise, type LstmModel } from './model.ts';
export { lstmToOnnx } from './onnx.ts';
export { LstmRunner } from './runner.ts';
export { assistLstm, LstmTraining, type LstmHead, type LstmJob, type LstmSettings } from './train.ts';
