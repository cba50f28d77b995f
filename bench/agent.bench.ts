/** The agent of a device. */
import { detection } from './agent/detection.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [detectionScenario()];

function detectionScenario(): Scenario {
  const lines: string[] = [];
  return {
    id: 'agent-detect-false',
    unit: '%',
    better: 'lower',
    target: 1,
    rounds: 1,
    warmup: 0,
    prepare: () => async () => {
      for (const name of ['zscore', 'half-space-trees'] as const) {
        for (const size of [6, 3]) {
          const { falsePercent, foundPercent, readings, spikes } = await detection(name, size);
          lines.push(
            `${name}: told ${falsePercent.toFixed(2)}% of ${readings} ordinary readings; spikes of ${size} deviations: found ${foundPercent.toFixed(1)}% of ${spikes}`,
          );
        }
      }
      return (await detection('half-space-trees', 6)).falsePercent;
    },
    notes: () => lines.join('\n'),
  };
}
