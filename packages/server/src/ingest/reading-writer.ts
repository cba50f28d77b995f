import { LinnetError } from '@linnet/core/base';
import type { FieldSink } from '../decode/decoder.ts';
import { jsonObject } from '../decode/json-object.ts';
import type { Mapped } from '../mapping/mapping.ts';
import type { Alert } from '../watch/alert.ts';
import type { Detector } from '../watch/detector.ts';
import { stampTime } from './event-time.ts';
import { deviceKey } from './inbound.ts';
import type { RowBuffer } from './row-buffer.ts';

/** A reading as its message has it, before its payload is read. */
export interface Draft {
  readonly device: string;
  readonly tenant: string;
  /** Both of them as one name. */
  readonly key: string;
  readonly mapped: Mapped;
  readonly payload: Uint8Array;
  /** Best known time of the reading, where its payload does not say. */
  readonly time: number;
  readonly believed: boolean;
  /** The device's own stamp, where there is one beside the payload. */
  readonly deviceTime: number | undefined;
  readonly backlog: boolean;
  readonly incarnation: number | undefined;
  readonly sequence: number | undefined;
  readonly deviceScore: number | undefined;
  /** Its payload is one of the agent's, which are JSON whatever the rule says of plain devices. */
  readonly framed: boolean;
}

export interface SensorInfo {
  readonly sensor: string;
  readonly device: string;
  readonly region: string;
}

export interface TextRow {
  readonly sensor: string;
  readonly time: number;
  readonly texts: Readonly<Record<string, string>>;
}

const NAME_LENGTH_MAX = 128;
const TEXT_LENGTH_MAX = 64;
const UNCLEAN = /[\p{Cc}\uFFFD]/u;
const SENSORS_KNOWN_MAX = 100_000;

/** Turns payloads into rows of the commit: fields by the mapping, time, score, and what is told of them. */
export class ReadingWriter implements FieldSink {
  readonly alerts: Alert[] = [];
  readonly sensors: SensorInfo[] = [];
  readonly texts: TextRow[] = [];
  private readonly rows: RowBuffer;
  private readonly detector: Detector;
  private readonly known = new Map<string, string>();
  private readonly names: string[] = [];
  private readonly values: number[] = [];
  private textFields: Record<string, string> | undefined;
  private mapped: Mapped | undefined;
  private stamp: number | string | undefined;
  private subSensor = '';
  private subRegion = '';

  constructor(rows: RowBuffer, detector: Detector) {
    this.rows = rows;
    this.detector = detector;
  }

  clear(): void {
    for (const list of [this.alerts, this.sensors, this.texts]) list.length = 0;
  }

  /** What was said of sensors in a commit that failed is said again. */
  forget(): void {
    this.known.clear();
  }

  number(name: string, value: number): void {
    const { rule } = this.mapped as Mapped;
    if (name === rule.time) this.stamp = value;
    if (rule.ignored.size > 0 && rule.ignored.has(name)) return;
    const renamed = rule.renamed.get(name) ?? name;
    if (
      renamed.length > NAME_LENGTH_MAX ||
      renamed === '' ||
      renamed.startsWith('_') ||
      UNCLEAN.test(renamed)
    ) {
      throw new LinnetError('data.invalid', `${JSON.stringify(renamed.slice(0, 64))} is no name of a metric`);
    }
    // 1e400 is a number as JSON is written; a model that learned it would judge nothing ever after.
    if (!Number.isFinite(value)) throw new LinnetError('data.invalid', `${renamed} is no finite number`);
    this.names.push(renamed === 'score' || renamed === 'anomaly' ? `device.${renamed}` : renamed);
    this.values.push(value);
  }

  text(name: string, value: string): void {
    const { rule } = this.mapped as Mapped;
    if (name === rule.time) this.stamp = value;
    else if (name === rule.sensorField) this.subSensor = label(value);
    else if (name === rule.regionField) this.subRegion = label(value);
    else if (!rule.ignored.has(name)) (this.textFields ??= {})[rule.renamed.get(name) ?? name] = value;
  }

  /**
   * Adds the reading to the commit.
   * @returns whether its stamp was believed, and its time
   * @throws LinnetError `data.invalid`; nothing is added then
   */
  write(draft: Draft, now: number): { time: number; believed: boolean } {
    const { mapped, payload, framed } = draft;
    this.mapped = mapped;
    this.names.length = 0;
    this.values.length = 0;
    this.textFields = undefined;
    this.stamp = undefined;
    this.subSensor = '';
    this.subRegion = '';
    (framed ? jsonObject : mapped.rule.decoder).decode(payload, mapped.metric, this);
    if (this.names.length === 0 && this.textFields === undefined) {
      throw new LinnetError('data.invalid', 'a payload holds no field');
    }
    const own = this.subSensor === '' ? mapped.sensor : `${mapped.sensor}:${this.subSensor}`;
    const sensor = deviceKey(draft.tenant, own);
    for (const name of this.names) {
      if (!this.detector.admits(sensor, name)) {
        throw new LinnetError(
          'data.invalid',
          `sensor ${sensor} has too many metrics for ${JSON.stringify(name)}`,
        );
      }
    }
    const { time, believed, deviceTime } = this.timeOf(draft, now);
    const region = this.subRegion === '' ? mapped.region : this.subRegion;
    this.addRow(sensor, time, deviceTime, draft, now);
    this.judge(sensor, region, time, draft, now);
    this.tellSensor({ sensor, device: draft.key, region });
    if (this.textFields !== undefined) this.texts.push({ sensor, time, texts: this.textFields });
    return { time, believed };
  }

  private addRow(
    sensor: string,
    time: number,
    deviceTime: number | undefined,
    draft: Draft,
    now: number,
  ): void {
    const { rows, names, values } = this;
    rows.add(sensor, time);
    for (let i = 0; i < names.length; i++) rows.set(names[i] as string, values[i] as number);
    rows.set('_received', now);
    if (draft.incarnation !== undefined) rows.set('_incarnation', draft.incarnation);
    if (draft.sequence !== undefined) rows.set('_sequence', draft.sequence);
    if (draft.backlog) rows.set('_backlog', 1);
    if (deviceTime !== undefined && deviceTime !== time) rows.set('_device_time', deviceTime);
    if (draft.deviceScore !== undefined) rows.set('_device_score', draft.deviceScore);
  }

  private judge(sensor: string, region: string, time: number, draft: Draft, now: number): void {
    const { detector, names, values, rows } = this;
    const { threshold } = detector;
    let worst = Number.NaN;
    for (let i = 0; i < names.length; i++) {
      const metric = names[i] as string;
      const score = detector.score(sensor, metric, values[i] as number, time, now);
      if (!(score <= worst) && !Number.isNaN(score)) worst = score;
      const isAnomaly = score > threshold;
      if (isAnomaly) rows.set(`_z.${metric}`, score);
      // What is old says nothing of how the sensor is now.
      if (draft.backlog ? isAnomaly : detector.begins(sensor, metric, isAnomaly)) {
        this.alerts.push({
          ...this.anomaly(sensor, region, time, draft, now, i),
          score,
          threshold,
          by: 'server',
        });
      }
    }
    const { deviceScore } = draft;
    if (deviceScore !== undefined) {
      const about = this.anomaly(sensor, region, time, draft, now, 0);
      this.alerts.push({ ...about, score: deviceScore, threshold: null, by: 'device' });
    }
    if (Number.isNaN(worst)) return;
    rows.set('score', worst);
    rows.set('anomaly', worst > threshold ? 1 : 0);
  }

  private anomaly(sensor: string, region: string, time: number, draft: Draft, now: number, i: number) {
    const { key: device, backlog } = draft;
    const [metric = '', value = Number.NaN] = [this.names[i], this.values[i]];
    return {
      alert: 'anomaly',
      sensor,
      device,
      region,
      metric,
      value,
      time,
      receivedAt: now,
      backlog,
    } as const;
  }

  private timeOf(draft: Draft, now: number): { time: number; believed: boolean; deviceTime?: number } {
    const { time, believed, deviceTime } = draft;
    const { stamp, mapped } = this;
    if (stamp === undefined) return { time, believed, ...(deviceTime !== undefined && { deviceTime }) };
    const given =
      typeof stamp === 'number' ? stamp * (mapped?.rule.timeUnit === 's' ? 1000 : 1) : Date.parse(stamp);
    const own = stampTime(given, now);
    return Number.isNaN(given) ? { time, believed: false } : { ...own, deviceTime: given };
  }

  private tellSensor(info: SensorInfo): void {
    if (this.known.get(info.sensor) === info.region) return;
    if (this.known.size >= SENSORS_KNOWN_MAX) this.known.clear();
    this.known.set(info.sensor, info.region);
    this.sensors.push(info);
  }
}

/** A text of a device that becomes part of a name. */
function label(text: string): string {
  if (text.length > TEXT_LENGTH_MAX || text === '' || UNCLEAN.test(text)) {
    throw new LinnetError(
      'data.invalid',
      `${JSON.stringify(text.slice(0, 64))} is no name of a sensor or region`,
    );
  }
  return text;
}
