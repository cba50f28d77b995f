/** The smoke example with a topic as its source, `BROKERS`, and a topic as a sink beside the others. */
import { flow, kafka, kafkaTopic, print, stampReader, table } from 'linnet';
import { line } from '../../examples/smoke/report.ts';
import { classifiers } from '../../examples/smoke/verdicts.ts';

/** A line of the air file, as `linnet load` puts it into the topic. */
interface Row {
  readonly created_at: string;
  readonly 'PM2.5_CF1_ug/m3': number | null;
  readonly sensor: string | number;
  readonly region: string;
}

const brokers = process.env['BROKERS'];
const time = stampReader('iso');
const smoke = flow('smoke-topic');
const sensors = smoke
  .source('in', kafka<Row>({ topic: 'sensor_data', ...(brokers !== undefined && { brokers }) }))
  .map('reading', (row) => ({
    // A column of whole numbers comes as numbers.
    sensor: String(row.sensor),
    time: time(row.created_at),
    pm25: row['PM2.5_CF1_ug/m3'],
    region: row.region,
  }))
  .filter('named', ({ sensor }) => sensor !== '')
  .eventTime('time', { at: (reading) => reading.time, lateness: '12h' })
  .keyBy('sensor', ({ sensor }) => sensor);
const verdicts = classifiers.rule(sensors, { scoreMin: 0.7, pmMin: 50 });

verdicts.sink('out', print(line));
verdicts.sink('verdicts', table({ optional: true }));
verdicts.sink(
  'topic',
  kafkaTopic({
    topic: 'verdicts',
    key: ({ region }) => region,
    timestamp: ({ min_event: start }) => Date.parse(start),
    headers: ({ region }) => ({ region, source: 'smoke' }),
  }),
);
export default smoke;
