import type { AgreementVerdict, RuleVerdict, WindowSpan } from 'linnet';

/** What is printed and alerted of a window, with the field names of the system that this example comes from. */
export interface Report {
  readonly region: string;
  readonly window: number;
  readonly window_start: string;
  readonly window_end: string;
  readonly sensors: readonly string[];
  readonly count_sensors: number;
  readonly count_anomalies: number;
  /** µg/m³. */
  readonly anomalies: readonly number[];
  /** When it began. */
  readonly min_event: string;
  /** null where a broken sensor gave no high reading. */
  readonly max_pm25: number | null;
  /** Standard deviation over mean; null where the rule did not ask for it. */
  readonly variance: number | null;
  readonly malfunction: boolean;
  /** What speaks for it, where `CLASSIFIER=agreement` said so. */
  readonly evidence?: Evidence;
}

interface Evidence {
  /** Sensors of the region that reported. */
  readonly reporting: number;
  /** Of smoke: the greatest part of the other sensors that agreed, and the time from the first sensor in it to the last. */
  readonly agreement?: number;
  readonly lag_minutes?: number;
  /** Of broken sensors: what speaks for each. */
  readonly signs?: Readonly<Record<string, readonly string[]>>;
}

interface Place {
  readonly key: string;
  readonly window: WindowSpan;
}

interface Found {
  readonly sensors: readonly string[];
  readonly values: readonly number[];
  readonly first: number;
  readonly malfunction: boolean;
  readonly variation?: number | null;
  readonly evidence?: Evidence;
}

/** The one report of a window that the rule makes. */
export function ruleReport(place: Place, verdict: RuleVerdict): Report {
  return report(place, verdict);
}

/** Up to two reports of a window: its smoke, and its broken sensors. */
export function agreementReports(place: Place, { reporting, smoke, broken }: AgreementVerdict): Report[] {
  const found: Report[] = [];
  if (smoke !== null) {
    const evidence = {
      reporting,
      agreement: Math.round(smoke.agreement * 100) / 100,
      lag_minutes: Math.round(smoke.lagMs / 60_000),
    };
    found.push(report(place, { ...smoke, malfunction: false, evidence }));
  }
  if (broken.length > 0) {
    found.push(
      report(place, {
        sensors: broken.map(({ sensor }) => sensor),
        values: broken.flatMap(({ values }) => values),
        first: broken.reduce((least, { first }) => Math.min(least, first), Infinity),
        malfunction: true,
        evidence: {
          reporting,
          signs: Object.fromEntries(broken.map(({ sensor, signs }) => [sensor, signs])),
        },
      }),
    );
  }
  return found;
}

function report({ key, window }: Place, found: Found): Report {
  const { sensors, values, first, malfunction, variation = null, evidence } = found;
  return {
    region: key,
    window: window.id,
    window_start: iso(window.start),
    window_end: iso(window.end),
    sensors,
    count_sensors: sensors.length,
    count_anomalies: values.length,
    anomalies: values,
    min_event: iso(first),
    max_pm25: values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value), -Infinity),
    variance: variation,
    malfunction,
    ...(evidence && { evidence }),
  };
}

export function title({ malfunction }: Report): string {
  return malfunction ? 'Malfunctioning Sensor' : 'Suspected Smoke Event';
}

/** A report on a line, for people. */
export function line(own: Report): string {
  const { region, min_event: from, sensors, count_anomalies: count, max_pm25: highest } = own;
  const readings = count === 1 ? '1 reading' : `${count} readings`;
  const how = highest === null ? '' : `${readings} up to ${highest.toFixed(1)} µg/m³ at `;
  const signs = own.evidence?.signs ?? {};
  const named = sensors.map((sensor) => `${sensor}${signs[sensor] ? ` (${signs[sensor].join(', ')})` : ''}`);
  return `${from}  ${region}  ${title(own)}: ${how}${named.join(', ')}`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
