/** @linnet/connectors/lstm: threads to train an LSTM with. */
export { startLstmCrew } from './lstm-crew.ts';
