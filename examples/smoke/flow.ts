/**
 * Smoke, or a broken sensor? A model for each sensor finds strange readings; those of a region are gathered in windows of 12 hours,
 * and what they come to is told apart.
 *
 * INPUT       a file of readings in time order (CSV, plain or gzip; - is standard input); what `linnet simulate air` makes if not given
 * LAYOUT      csv | history: which columns it has, see readings.ts
 * REGION      areas (a .geojson file), a grid (grid:0.5), a column of the file, or one name for all; the column `region` if not given
 * CLASSIFIER  rule | agreement: how smoke is told from a broken sensor, see verdicts.ts
 * SCORE       readings that score above it are strange (0.7); the rule alone asks for it
 * PM          and only above so many µg/m³ (50)
 * ALERTS      slack | webhook | stdout | file | none: who is told of each verdict, see alerts.ts; Slack when SLACK_WEBHOOK_URL is set
 */
import { airLines, flow, print, simulateAir, table } from 'linnet';
import { alertOf, alertSink } from './alerts.ts';
import { layouts } from './readings.ts';
import { regionRule } from './region.ts';
import { line } from './report.ts';
import { choice, number } from './settings.ts';
import { classifiers } from './verdicts.ts';

const { INPUT, REGION } = process.env;
const layout = choice('LAYOUT', ['csv', 'history']);
const classifier = choice('CLASSIFIER', ['rule', 'agreement']);
const sample = {
  name: 'the simulated sample',
  chunks: () => airLines(simulateAir({ sensors: 40, days: 90, seed: 1 }), layout),
};

const smoke = flow('smoke');
const sensors = layouts[layout](smoke, INPUT || sample, regionRule(REGION || 'region'))
  .filter('named', ({ sensor }) => sensor !== '')
  .eventTime('time', { at: ({ time }) => time, lateness: '12h' })
  .keyBy('sensor', ({ sensor }) => sensor);
const verdicts = classifiers[classifier](sensors, {
  scoreMin: number('SCORE', 0.7),
  pmMin: number('PM', 50),
});

verdicts.sink('out', print(line));
// With --recovery each is kept exactly once: `linnet outputs` reads them.
verdicts.sink('verdicts', table({ optional: true }));
// With --recovery an alert waits in the store while its endpoint is dead.
const alerts = alertSink();
if (alerts !== undefined) verdicts.map('alert', alertOf).sink('alerts', alerts);
export default smoke;
