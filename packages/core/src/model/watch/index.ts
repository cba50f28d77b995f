/** @linnet/core/watch: what is wrong with rows of several sensors: stuck, swapped, replayed, drifting or spiking ones. */
export type { Check } from './check.ts';
export { Drift, type DriftOptions } from './drift.ts';
export { Exchange } from './exchange.ts';
export { Repetition } from './repetition.ts';
export { Spike } from './spike.ts';
export { Stillness } from './stillness.ts';
export { fitWatch, SensorWatch, type WatchAlarm } from './watch.ts';
