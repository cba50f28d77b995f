/** z-score by sensor and metric: a model of its own for each, learned from live readings in the order of their time. */
import { zScore, zScoreMax, type AnomalyFilter, type ModelSpec } from '@linnet/core';

export const Z_KINDS = ['rolling', 'exponential', 'robust'] as const;

export interface DetectorOptions {
  readonly kind?: (typeof Z_KINDS)[number];
  /** |z| above which a reading is anomalous; default 2. */
  readonly threshold?: number;
  /** Readings that make the past (rolling, robust); default 100. */
  readonly window?: number;
  /** Weight of the newest reading (exponential); default 0.05. */
  readonly fading?: number;
  /** Readings of a metric before it is judged; default 30. */
  readonly grace?: number;
}

/** State kept in the store. */
export interface StoredModel {
  readonly sensor: string;
  readonly metric: string;
  readonly time: number;
  readonly bytes: Uint8Array;
}

interface Watched {
  readonly model: AnomalyFilter & { snapshot(): Uint8Array; restore(bytes: Uint8Array): void };
  /** Event time of the last reading learned. */
  time: number;
  anomalous: boolean;
}

/** Metrics of one sensor: a device that invents names must not fill the memory. */
export const METRICS_MAX = 64;
const SENSORS_MAX = 50_000;
const SAVE_AFTER_MS = 30_000;
/** So few at a time that no commit waits for them. */
const SAVES_MAX = 64;

/** A sentence for whoever starts with a threshold that readings among few can never pass. */
export function unreachable(options: DetectorOptions): string | undefined {
  const { kind = 'rolling', threshold = 2, window = 100 } = options;
  if (kind !== 'rolling' || zScoreMax(window) > threshold) return undefined;
  return (
    `with ${window} readings |z| is at most √(n - 1) = ${Number(zScoreMax(window).toPrecision(4))} for a reading among them, never above ${threshold}; ` +
    'here each reading is judged by those before it, which has no such limit'
  );
}

/** @throws LinnetError `config.invalid` */
export function detectorSpec(options: DetectorOptions): ModelSpec {
  const { kind = 'rolling', threshold = 2, window = 100, fading = 0.05 } = options;
  const grace = options.grace ?? (kind === 'exponential' ? 30 : Math.min(30, window));
  return zScore({ features: ['value'], kind, threshold, window, fading, grace });
}

export class Detector {
  readonly threshold: number;
  private readonly spec: ModelSpec;
  private readonly load: (sensor: string) => readonly StoredModel[];
  private readonly sensors = new Map<string, Map<string, Watched>>();
  /** Sensors with something learned since they were saved, and since when. */
  private readonly unsaved = new Map<string, number>();
  private readonly vector = new Float64Array(1);

  /**
   * @param load what the store has of a sensor
   * @throws LinnetError `config.invalid`
   */
  constructor(options: DetectorOptions, load: (sensor: string) => readonly StoredModel[]) {
    this.threshold = options.threshold ?? 2;
    this.spec = detectorSpec(options);
    this.load = load;
  }

  /**
   * Scores a value, then learns it where none is newer: a value out of the past is judged by the present and changes nothing.
   * @returns |z|, NaN while the model is not warm
   */
  score(sensor: string, metric: string, value: number, time: number, now: number): number {
    const watched = this.watched(sensor, metric);
    if (watched === undefined) return Number.NaN;
    const { model, vector } = { model: watched.model, vector: this.vector };
    vector[0] = value;
    const ready = model.ready;
    const score = ready ? model.scoreOne(vector) : Number.NaN;
    // Of the same time is not of the past: stamps may be whole seconds, and a burst has one millisecond.
    if (time >= watched.time) {
      model.learnOne(vector);
      watched.time = time;
      if (!this.unsaved.has(sensor)) this.unsaved.set(sensor, now);
    }
    return score;
  }

  /** Whether the metric has just become anomalous: what stays so is no news. */
  begins(sensor: string, metric: string, isAnomaly: boolean): boolean {
    const watched = this.sensors.get(sensor)?.get(metric);
    if (watched === undefined) return false;
    const begins = isAnomaly && !watched.anomalous;
    watched.anomalous = isAnomaly;
    return begins;
  }

  /** Whether the sensor may have this metric, which counts from now on. */
  admits(sensor: string, metric: string): boolean {
    return this.watched(sensor, metric) !== undefined;
  }

  /** Models whose state is to be stored now. @param all every one, because the server ends */
  toSave(now: number, all = false): StoredModel[] {
    const models: StoredModel[] = [];
    for (const [sensor, since] of this.unsaved) {
      if (!all && (now - since < SAVE_AFTER_MS || models.length >= SAVES_MAX)) break;
      this.unsaved.delete(sensor);
      for (const [metric, { model, time }] of this.sensors.get(sensor) ?? []) {
        models.push({ sensor, metric, time, bytes: model.snapshot() });
      }
    }
    return models;
  }

  private watched(sensor: string, metric: string): Watched | undefined {
    let metrics = this.sensors.get(sensor);
    if (metrics === undefined) {
      metrics = new Map();
      if (this.sensors.size >= SENSORS_MAX) this.dropOne();
      this.sensors.set(sensor, metrics);
      for (const stored of this.load(sensor)) metrics.set(stored.metric, this.restored(stored));
    }
    let watched = metrics.get(metric);
    if (watched === undefined) {
      if (metrics.size >= METRICS_MAX) return undefined;
      watched = { model: this.spec.create() as Watched['model'], time: -Infinity, anomalous: false };
      metrics.set(metric, watched);
    }
    return watched;
  }

  private restored({ bytes, time }: StoredModel): Watched {
    const model = this.spec.create() as Watched['model'];
    try {
      model.restore(bytes);
    } catch {
      // It was set otherwise: it begins anew.
      return { model: this.spec.create() as Watched['model'], time: -Infinity, anomalous: false };
    }
    return { model, time, anomalous: false };
  }

  private dropOne(): void {
    for (const sensor of this.sensors.keys()) {
      if (this.unsaved.has(sensor)) continue;
      this.sensors.delete(sensor);
      return;
    }
    const [first] = this.sensors.keys();
    if (first !== undefined) this.sensors.delete(first);
  }
}
