/**
 * A dry run of dual prediction: 30 days of nine sensors at two minutes, every predictor but the LSTM and the choice among them, three
 * epsilons, every message encoded, decoded and held against what was measured. The ten days of the example, three times.
 */
import { readSeries } from '@linnet/connectors/file';
import { PREDICTORS, type Choice } from '@linnet/core/transmit';
import { dryRun, type Recording } from '@linnet/gateway';
import type { Scenario } from './scenario.ts';

const NINE = new URL('../examples/gateway/data/nine-motes-2min.csv.gz', import.meta.url).pathname;
const INSTANTS = 30 * 720;
const EPSILONS = [0.1, 0.2, 0.5];

export const scenarios: readonly Scenario[] = [
  { id: 'gateway-dry-run-month', unit: 's', target: 2, prepare: dryRuns },
];

async function dryRuns(): Promise<() => number> {
  const { sensors, columns } = await readSeries(NINE);
  const month = columns.map((column) =>
    Float64Array.from({ length: INSTANTS }, (_, i) => column[i % column.length] as number),
  );
  const times = Float64Array.from({ length: INSTANTS }, (_, i) => i * 120_000);
  const choices: Choice[] = PREDICTORS.filter((name) => name !== 'lstm').map((name) => ({ name }));
  return () => {
    const from = performance.now();
    for (const epsilon of EPSILONS) {
      const epsilons = sensors.map(() => epsilon);
      const candidates: Recording[] = [];
      for (const predictor of [...choices, 'auto' as const]) {
        const limits = { epsilons, deadline: 4, heartbeat: 60, tolerance: 0, predictor };
        const run = dryRun(
          { times, sensors, columns: month },
          candidates.length > 0 ? { ...limits, candidates } : limits,
        );
        candidates.push(run.recording);
      }
    }
    return (performance.now() - from) / 1000;
  };
}
