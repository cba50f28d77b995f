import { jsonFile, print, slack, webhook, type Alert, type Sink } from 'linnet';
import { title, type Report } from './report.ts';
import { choice } from './settings.ts';

/** What people are told of a report. */
export function alertOf(report: Report): Alert {
  const { region, sensors, min_event: start, count_anomalies: count, max_pm25: highest } = report;
  const details = {
    Readings: String(count),
    ...(highest !== null && { Highest: `${highest.toFixed(1)} µg/m³` }),
  };
  return { title: title(report), region, sensors, start, details };
}

/** Where alerts go: `ALERTS`, or Slack when SLACK_WEBHOOK_URL is set; nowhere when neither says anything. */
export function alertSink(): Sink<Alert> | undefined {
  const chosen = choice('ALERTS', ['unset', 'none', 'slack', 'webhook', 'stdout', 'file']);
  if (chosen === 'slack' || (chosen === 'unset' && (process.env['SLACK_WEBHOOK_URL'] ?? '') !== ''))
    return slack();
  if (chosen === 'webhook') return webhook();
  if (chosen === 'stdout')
    return print(({ title: name, region, start }) => `ALERT ${name}: ${region}, since ${start}`);
  if (chosen === 'file') return jsonFile(process.env['ALERTS_FILE'] ?? 'alerts.jsonl');
  return undefined;
}
