/** @linnet/core/model: the online models that a small device runs, without the memory that the whole library takes. */
export { halfSpaceTrees } from './half-space-trees.ts';
export { zScore } from './z-score.ts';
