/** @linnet/core/testing: what components of your own are held against. */
export { checkModel, laws, type Law } from './check-model.ts';
export { partitioned, type Reading } from './partitioned.ts';
export { markedSeries, type MarkedSeries } from './series.ts';
export type { Online } from './subject.ts';
