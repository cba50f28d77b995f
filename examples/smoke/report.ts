import type { Anomaly, RuleVerdict, WindowResult } from 'linnet';

/** What is printed and alerted of a window, with the field names of the system that this example comes from. */
export type Report = ReturnType<typeof report>;

export function report({ key, window }: WindowResult<string, readonly Anomaly[]>, verdict: RuleVerdict) {
  return {
    region: key,
    window: window.id,
    window_start: iso(window.start),
    window_end: iso(window.end),
    sensors: verdict.sensors,
    count_sensors: verdict.sensors.length,
    count_anomalies: verdict.values.length,
    anomalies: verdict.values,
    min_event: iso(verdict.first),
    max_pm25: verdict.highest,
    variance: verdict.variation,
    malfunction: verdict.malfunction,
  };
}

export function title({ malfunction }: Report): string {
  return malfunction ? 'Malfunctioning Sensor' : 'Suspected Smoke Event';
}

/** A report on a line, for people. */
export function line(own: Report): string {
  const { region, min_event: from, sensors, count_anomalies: count, max_pm25: highest } = own;
  const readings = count === 1 ? '1 reading' : `${count} readings`;
  return `${from}  ${region}  ${title(own)}: ${readings} up to ${highest.toFixed(1)} µg/m³ at ${sensors.join(', ')}`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
