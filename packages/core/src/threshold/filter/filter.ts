import type { ModelSpec } from '../../base/component.ts';
import { identityOf } from '../../base/model-spec.ts';
import type { AnomalyFilter, OnlineModel } from '../../base/model.ts';
import { SnapshotReader, SnapshotWriter } from '../../base/snapshot.ts';
import { bytesOf, restoreInto, snapshotOf, type Statistic } from '../../math/statistic.ts';

const VERSION = 1;

export interface FilterParams {
  readonly model: ModelSpec;
  readonly protect: boolean;
}

/** A model whose score is judged by a limit, and which need not learn what it judged anomalous. */
export class Filter implements AnomalyFilter {
  private readonly name: string;
  private readonly identity: string;
  private readonly model: OnlineModel;
  private readonly protect: boolean;
  private readonly limit: Statistic;

  /** @param limit sees every score; a score of its value or more is anomalous, while that is above 0 */
  constructor(name: string, params: FilterParams, limit: Statistic) {
    this.name = name;
    this.identity = identityOf(params);
    this.model = params.model.create();
    this.protect = params.protect;
    this.limit = limit;
  }

  get bytes(): number {
    return this.model.bytes + bytesOf([this.limit]);
  }

  get ready(): boolean {
    return this.model.ready;
  }

  isAnomaly(score: number): boolean {
    const { value } = this.limit;
    return value > 0 && score >= value && this.ready;
  }

  scoreOne(x: ArrayLike<number>): number {
    return this.model.scoreOne(x);
  }

  learnOne(x: ArrayLike<number>): void {
    const score = this.model.scoreOne(x);
    if (Number.isNaN(score)) return;
    if (!this.protect || !this.isAnomaly(score)) this.model.learnOne(x);
    this.limit.update(score);
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    const limit = snapshotOf(this.name, VERSION, this.identity, [this.limit]);
    return new SnapshotWriter(this.name, VERSION).blob(limit).blob(this.model.snapshot()).finish();
  }

  restore(bytes: Uint8Array): void {
    const reader = new SnapshotReader(bytes, this.name, VERSION);
    const limit = reader.blob();
    const model = reader.blob();
    reader.finish();
    const before = this.model.snapshot();
    this.model.restore(model);
    try {
      restoreInto(limit, this.name, VERSION, this.identity, [this.limit]);
    } catch (error) {
      this.model.restore(before);
      throw error;
    }
  }
}
