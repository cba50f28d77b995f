/** @linnet/core/testing: what components of your own are held against. */
export { checkModel, laws, type Law } from './check-model.ts';
export { markedSeries, type MarkedSeries } from './series.ts';
export type { Online } from './subject.ts';
