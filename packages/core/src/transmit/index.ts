/** @linnet/core/transmit: dual prediction, both sides of a link that carries only what the cloud could not predict. */
export type { TooLarge } from './course.ts';
export { boundOf, STATUS, STATUSES, timeOf, type Covered, type Status } from './covered.ts';
export type { Candidate } from './chooser.ts';
export { CloudDecoder } from './decoder.ts';
export {
  GatewayEncoder,
  type ChannelAlert,
  type Choice,
  type EncoderCounts,
  type EncoderOptions,
  type Message,
} from './encoder.ts';
export { HEARTBEAT, type Channel, type LinkConfig } from './message/link.ts';
export { isLinkMessage, openMessage, type LinkAlert } from './message/messages.ts';
export {
  PREDICTORS,
  type FindForecaster,
  type PredictorChoice,
  type PredictorName,
} from './predict/choice.ts';
export type { Forecaster } from './predict/forecast.ts';
export type { Received } from './session.ts';
