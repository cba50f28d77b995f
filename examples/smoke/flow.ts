/**
 * Smoke, or a broken sensor? A model for each sensor finds strange readings; those of a region are gathered in windows of 12 hours,
 * and what they come to is told apart.
 *
 * INPUT   a file of readings in time order (CSV, plain or gzip; - is standard input); what `linnet simulate air` makes if not given
 * LAYOUT  csv | history: which columns it has, see readings.ts
 * REGION  areas (a .geojson file), a grid (grid:0.5), a column of the file, or one name for all; the column `region` if not given
 * SCORE   readings that score above it are strange (0.7)
 * PM      and only above so many µg/m³ (50)
 */
import { airLines, flow, halfSpaceTrees, print, simulateAir, smokeRule, tumbling } from 'linnet';
import { layouts } from './readings.ts';
import { regionFinder } from './region.ts';
import { line, report } from './report.ts';
import { choice, number } from './settings.ts';

const { INPUT, REGION = 'region' } = process.env;
const layout = choice('LAYOUT', ['csv', 'history']);
const [scoreMin, pmMin] = [number('SCORE', 0.7), number('PM', 50)];
const sample = {
  name: 'the simulated sample',
  chunks: () => airLines(simulateAir({ sensors: 40, days: 90, seed: 1 }), layout),
};
const regionOf = regionFinder(REGION);
const classify = smokeRule({ sensorsMin: 2, anomaliesMin: 10, variationMax: 0.3 });

const smoke = flow('smoke');
const verdicts = layouts[layout](smoke, INPUT ?? sample, REGION)
  .filter('named', ({ sensor }) => sensor !== '')
  .eventTime('time', { at: ({ time }) => time, lateness: '12h' })
  .keyBy('sensor', ({ sensor }) => sensor)
  .model(
    'detect',
    halfSpaceTrees({
      features: ['pm25'],
      limits: { pm25: [0, 1200] },
      trees: 4,
      height: 3,
      window: 50,
      seed: 11,
    }),
  )
  .filter('anomalous', ({ score, value: { pm25 } }) => (score ?? 0) > scoreMin && (pm25 ?? 0) > pmMin)
  .keyBy('region', ({ value }) => regionOf(value))
  .map('anomaly', ({ value: { sensor, time, pm25 } }) => ({ sensor, time, value: pm25 ?? NaN }))
  .window(tumbling({ length: '12h', align: '2022-07-18T00:00Z' }))
  .collect('window')
  .map('classify', (closed) => report(closed, classify(closed.value)));

// Whoever is to be told gets a sink here: a record that leaves `verdicts` is one alert.
verdicts.sink('out', print(line));
export default smoke;
