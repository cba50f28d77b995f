/** @linnet/core/simulate: air whose smoke and whose broken sensors are known. */
export { simulateAir, type AirOptions, type AirSensor, type AirTruth, type SimulatedAir } from './air.ts';
export { airLines, type AirLayout } from './air-lines.ts';
export { within, type AirSeries, type Span } from './air-series.ts';
export { Chance } from './chance.ts';
export { addPlume, drawPlume, spanAt, type Place, type Plume } from './plume.ts';
export {
  applyFault,
  drawFault,
  sensorFaults,
  type SensorFault,
  type SensorFaultKind,
} from './sensor-fault.ts';
