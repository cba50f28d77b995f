import {
  Batch,
  EMPTY,
  NO_MARK,
  StageRunner,
  StepFailed,
  isSource,
  type BlockInfo,
  type BlockMark,
  type Edge,
  type Key,
  type EventTimeProgress,
  type HotKeys,
  type Stage,
  type StateCodec,
  type StepCounts,
} from '@linnet/core/engine';
import type { KafkaMessage, OutgoingMessage } from './port.ts';
import { messageOf } from './kafka-topic.ts';
import { KeyPartitioner } from './murmur2.ts';
import { decodeMoved, encodeMark, encodeMoved, type Mark, type Moved } from './repartition.ts';
import type { StateId } from './state-key.ts';
import type { Topology } from './topology.ts';

export interface LaneOptions {
  readonly topology: Topology;
  readonly lane: number;
  readonly codec: StateCodec;
  /** What is kept in memory of the keys; everything if not given. */
  readonly hot?: HotKeys | undefined;
  now(): number;
  /** Takes what leaves the lane. */
  send(message: OutgoingMessage): void;
  /** Takes a message that is no record; the flow goes on behind it. */
  reject(message: KafkaMessage, why: string): void;
}

/** A message on which a step failed: state may have changed by half of what it does. */
export class Poison extends Error {
  readonly record: KafkaMessage;
  readonly why: string;

  constructor(record: KafkaMessage, why: string) {
    super(`${record.topic}, partition ${record.partition}, offset ${record.offset}: ${why}`);
    this.record = record;
    this.why = why;
  }
}

/** Where a block comes from, as its stage sees it. */
interface Origin {
  readonly edge: number;
  readonly from: number;
  readonly of: number;
}

/** What is known of the input behind a block. */
interface Said {
  readonly ended: boolean;
  readonly idle: boolean;
}

const ON: Said = { ended: false, idle: false };
const ENDED: Said = { ended: true, idle: false };
const IDLE: Said = { ended: false, idle: true };

const keyBytes = new TextEncoder();

/** One partition of a flow: all its stages over partition i of all its topics. Synchronous; knows no client. */
export class Lane {
  private readonly options: LaneOptions;
  private readonly runners: readonly StageRunner[];
  private readonly announced = new Map<number, Mark>();
  private readonly pending = new Map<number, Mark>();
  private readonly saved = new Map<number, string>();
  private readonly finishedStages = new Set<number>();
  private readonly partitioner: KeyPartitioner;
  private blocks = 0;

  constructor(options: LaneOptions) {
    this.options = options;
    const { plan, lanes } = options.topology;
    this.partitioner = new KeyPartitioner(lanes);
    this.runners = plan.stages.map((stage) => {
      const sources = stage.source === undefined ? stage.inputs.map(String) : stage.sources;
      const place = ({ first }: BlockInfo, index: number) =>
        stage.source === undefined
          ? `what a keyBy, a window or a join gave in lane ${options.lane}`
          : `offset ${first + index} of ${options.topology.inputs.get(stage.source.id)}, partition ${options.lane}`;
      const { codec, hot } = options;
      return new StageRunner({ ...stage, sources }, { codec, place, ...(hot !== undefined && { hot }) });
    });
  }

  private readonly endedSources = new Set<string>();

  /** True when the input has ended and everything that was open has closed. */
  get finished(): boolean {
    const stages = this.options.topology.plan.stages.filter((stage) => stage.source === undefined);
    const inputs = [...this.options.topology.sourceOf.values()];
    return (
      stages.every(({ index }) => this.finishedStages.has(index)) &&
      inputs.every((id) => this.endedSources.has(id))
    );
  }

  /**
   * Handles messages of one partition, in order.
   * @throws Poison for the first that cannot be handled; what was done with those before it must be undone
   */
  consume(messages: readonly KafkaMessage[]): void {
    const topic = (messages[0] as KafkaMessage).topic;
    const { sourceOf, edgeOf } = this.options.topology;
    const source = sourceOf.get(topic);
    if (source !== undefined) this.read(source, messages);
    else this.receive(edgeOf.get(topic) as number, messages);
  }

  /** The input topic of a source had ended before this lane came here. */
  endedBefore(source: string): void {
    this.endedSources.add(source);
  }

  hasEndedSource(source: string): boolean {
    return this.endedSources.has(source);
  }

  /** The input topic of a source has ended in this lane. */
  end(source: string): void {
    const stage = this.stageOfSource(source);
    this.endedSources.add(source);
    for (const { edge } of stage.outputs) this.leave(edge, EMPTY, NO_MARK, ENDED);
  }

  /** The input topic of a source has been silent for as long as the flow waits for it. */
  silent(source: string): void {
    for (const { edge } of this.stageOfSource(source).outputs) this.leave(edge, EMPTY, NO_MARK, IDLE);
  }

  /** Lets time pass where no message does it. */
  tick(): void {
    for (const { index, inputs, source } of this.options.topology.plan.stages) {
      if (source !== undefined || this.finishedStages.has(index)) continue;
      const edge = inputs[0] as number;
      this.run(index, this.ownOrigin(edge), EMPTY, NO_MARK, ON, []);
    }
  }

  /** What changed since the last call, for the changelog. */
  drain(): { readonly id: StateId; readonly bytes: Uint8Array<ArrayBuffer> | null }[] {
    const changed: { id: StateId; bytes: Uint8Array<ArrayBuffer> | null }[] = [];
    this.runners.forEach((runner, index) => {
      const entries: { step: string; key: Key; bytes: Uint8Array<ArrayBuffer> | null }[] = [];
      runner.drainState(entries);
      for (const { step, key, bytes } of entries) changed.push({ id: { step, key }, bytes });
      if (runner.stage.source !== undefined) return;
      const saved = progressOf(runner);
      const text = gistOf(saved);
      if (this.saved.get(index) === text) return;
      this.saved.set(index, text);
      changed.push({
        id: { watermarks: this.nameOf(runner.stage) },
        bytes: this.options.codec.encode(saved),
      });
    });
    return changed;
  }

  /** Puts back what `drain` gave. @returns whether the flow has a place for it */
  restore(id: StateId, bytes: Uint8Array): boolean {
    if ('step' in id) {
      const entry = { ...id, bytes: bytes as Uint8Array<ArrayBuffer> };
      return this.runners.some((runner) => runner.restoreState(entry));
    }
    const runner = this.runners.find(
      ({ stage }) => stage.source === undefined && this.nameOf(stage) === id.watermarks,
    );
    if (runner === undefined) return false;
    const saved = this.options.codec.decode(bytes) as EventTimeProgress;
    runner.watermarks.restore(saved);
    this.saved.set(runner.stage.index, gistOf(saved));
    if (this.hasEnded(runner.stage)) this.finishedStages.add(runner.stage.index);
    return true;
  }

  /** Says to the other lanes how far this one's time has come; before every commit. */
  announce(): void {
    for (const [edge, mark] of this.pending) {
      const before = this.announced.get(edge);
      if (before !== undefined && isSame(before, mark)) continue;
      this.announced.set(edge, mark);
      const { lanes, topicOf } = this.options.topology;
      for (let partition = 0; partition < lanes; partition++) {
        if (partition === this.options.lane) continue;
        this.options.send({
          topic: topicOf.get(edge) as string,
          partition,
          key: null,
          value: encodeMark(mark),
        });
      }
    }
    this.pending.clear();
  }

  addCounts(into: Map<string, StepCounts>): void {
    for (const runner of this.runners) runner.addCounts(into);
  }

  /** The least watermark of the lane's stages, in epoch milliseconds; Infinity when there is none. */
  get watermark(): number {
    const marks = this.runners
      .filter(({ stage }) => stage.source === undefined)
      .map((runner) => runner.watermarks.atEnd);
    return Math.min(Infinity, ...marks);
  }

  private read(source: string, messages: readonly KafkaMessage[]): void {
    const stage = this.stageOfSource(source);
    const step = this.options.topology.plan.graph.steps.get(source);
    if (step === undefined || !isSource(step)) throw new Error(`the flow has no source ${source}`);
    const decoded = step.source.decode({ items: messages });
    for (const { at, why } of decoded.rejected) this.options.reject(messages[at] as KafkaMessage, why);
    const ranks = decoded.positions === null ? null : [decoded.positions];
    const first = (messages[0] as KafkaMessage).offset;
    const info = this.info({
      source,
      partition: this.options.lane,
      partitions: this.options.topology.lanes,
      first,
    });
    const runner = this.runners[stage.index] as StageRunner;
    const batch = new Batch(decoded.items, { ranks });
    const done = this.guard(messages, () => runner.run(() => batch, info, NO_MARK));
    stage.outputs.forEach(({ edge }, output) =>
      this.leave(edge, done.batches[output] ?? EMPTY, done.mark, ON, messages),
    );
  }

  /** Takes what came over a repartition topic: runs of records of one lane are blocks. */
  private receive(edge: number, messages: readonly KafkaMessage[]): void {
    const moved: Moved[] = [];
    const readable: KafkaMessage[] = [];
    for (const message of messages) {
      try {
        moved.push(decodeMoved(message.value ?? new Uint8Array()));
        readable.push(message);
      } catch (error) {
        this.options.reject(message, (error as Error).message);
      }
    }
    for (let at = 0; at < moved.length;) {
      const first = moved[at] as Moved;
      if ('control' in first) {
        const { from, mark } = first.control;
        this.arrive(edge, from, EMPTY, { mark, idleMs: Infinity }, first.control, []);
        at++;
        continue;
      }
      let end = at;
      while (end < moved.length && fromOf(moved[end] as Moved) === first.record.from) end++;
      const records = moved.slice(at, end).flatMap((one) => ('record' in one ? [one.record] : []));
      const marks = Float64Array.from(records, ({ mark }) => mark);
      const batch = new Batch(
        records.map(({ item }) => item),
        {
          keys: records.map(({ key }) => key),
          times: Float64Array.from(records, ({ time }) => time),
          marks,
        },
      );
      const mark = { mark: marks.reduce((a, b) => Math.max(a, b), -Infinity), idleMs: Infinity };
      this.arrive(edge, first.record.from, batch, mark, ON, readable.slice(at, end));
      at = end;
    }
  }

  private arrive(
    edge: number,
    from: number,
    batch: Batch,
    mark: BlockMark,
    said: Said,
    messages: readonly KafkaMessage[],
  ): void {
    const to = (this.options.topology.plan.edges[edge] as Edge).to;
    this.run(to, { edge, from, of: this.options.topology.lanes }, batch, mark, said, messages);
  }

  private run(
    to: number,
    { edge, from, of }: Origin,
    batch: Batch,
    given: BlockMark,
    { ended, idle }: Said,
    messages: readonly KafkaMessage[],
  ): void {
    if (this.finishedStages.has(to) && batch.length === 0) return;
    const runner = this.runners[to] as StageRunner;
    // Silence is known to who reads the input, not to who waits for its records: that one may be behind, or restoring.
    const mark = { ...given, idleMs: Infinity };
    const origin = { source: String(edge), partition: from, partitions: of, ended, idle };
    const step = (info: BlockInfo, own: Batch, ownMark: BlockMark) =>
      this.guard(messages, () => runner.run((at) => (at === edge ? own : EMPTY), info, ownMark));
    this.pass(runner, step(this.info(origin), batch, mark), mark, ON, messages);
    if (!ended || !this.hasEnded(runner.stage)) return;
    this.pass(runner, step(this.info({ ...origin, last: true }), EMPTY, NO_MARK), NO_MARK, ENDED, messages);
    this.finishedStages.add(to);
  }

  /** Hands on what a stage gave: its own watermark is what its records let the next one's be. */
  private pass(
    runner: StageRunner,
    done: { readonly batches: readonly Batch[]; readonly mark: BlockMark },
    given: BlockMark,
    said: Said,
    messages: readonly KafkaMessage[],
  ): void {
    const readHere = done.mark !== given;
    const mark = readHere ? done.mark : { mark: runner.watermarks.atEnd, idleMs: given.idleMs };
    runner.stage.outputs.forEach(({ edge }, output) => {
      const batch = done.batches[output] ?? EMPTY;
      const own = readHere || batch.marks === null ? batch : batch.with({ marks: earliest(batch.length) });
      this.leave(edge, own, mark, said, messages);
    });
  }

  private leave(
    index: number,
    batch: Batch,
    mark: BlockMark,
    said: Said,
    messages: readonly KafkaMessage[] = [],
  ): void {
    const edge = this.options.topology.plan.edges[index] as Edge;
    if (edge.kind === 'gather') {
      this.give(edge.sink as string, batch);
      return;
    }
    const origin = this.ownOrigin(index);
    const local = edge.kind === 'key' ? this.moveOthers(index, batch) : batch;
    if (edge.kind === 'key') this.note(index, mark.mark, said);
    this.run(edge.to, origin, local, mark, said, messages);
  }

  /** Keeps what is to be said to the other lanes of an edge. */
  private note(edge: number, reached: number, said: Said): void {
    const before = this.pending.get(edge) ?? this.announced.get(edge);
    const mark = Math.max(before?.mark ?? -Infinity, reached);
    const ended = said.ended || before?.ended === true;
    // A record that moves time on ends a silence.
    const idle = said.idle || (before?.idle === true && reached === -Infinity);
    if (mark > -Infinity || ended || idle)
      this.pending.set(edge, { from: this.options.lane, mark, idle, ended });
  }

  /** Sends records whose keys belong to other lanes; returns those that stay. */
  private moveOthers(edge: number, batch: Batch): Batch {
    const { lane, topology, send } = this.options;
    const topic = topology.topicOf.get(edge) as string;
    const kept = new Int32Array(batch.length);
    let count = 0;
    let [last, lastPartition]: [Key | undefined, number] = [undefined, -1];
    for (let i = 0; i < batch.length; i++) {
      const key = batch.keys?.[i] as Key;
      if (key !== last) {
        last = key;
        lastPartition = this.partitioner.partitionOf(String(key));
      }
      if (lastPartition === lane) {
        kept[count++] = i;
        continue;
      }
      const time = batch.times?.[i] ?? NaN;
      const mark = batch.marks?.[i] ?? -Infinity;
      const value = encodeMoved({ from: lane, key, item: batch.items[i], time, mark });
      send({ topic, partition: lastPartition, key: String(key), value });
    }
    return batch.select(kept, count);
  }

  private give(sink: string, batch: Batch): void {
    const { lane, topology, send } = this.options;
    const given = topology.given.get(sink);
    if (given !== undefined) {
      for (let i = 0; i < batch.length; i++)
        send(messageOf(given, batch.items[i], batch.keys?.[i] ?? null, batch.times?.[i] ?? NaN));
      return;
    }
    const topic = topology.outputs.get(sink) as string;
    for (let i = 0; i < batch.length; i++) {
      const key = batch.keys?.[i];
      send({
        topic,
        partition: lane,
        key: key === undefined ? null : String(key),
        value: keyBytes.encode(JSON.stringify(batch.items[i] ?? null)),
        ...stamp(batch.times?.[i] ?? NaN),
      });
    }
  }

  /** A merge of streams of one lane has one part; what comes by key has one from every lane. */
  private ownOrigin(edge: number): Origin {
    const { lane, topology } = this.options;
    return topology.plan.edges[edge]?.kind === 'key'
      ? { edge, from: lane, of: topology.lanes }
      : { edge, from: 0, of: 1 };
  }

  private hasEnded(stage: Stage): boolean {
    const { plan, lanes } = this.options.topology;
    const saved = (this.runners[stage.index] as StageRunner).watermarks.savePartitions();
    return stage.inputs.every((edge) => {
      const parts = saved[String(edge)] ?? [];
      return (
        parts.length === (plan.edges[edge]?.kind === 'key' ? lanes : 1) && parts.every(({ ended }) => ended)
      );
    });
  }

  private guard<T>(messages: readonly KafkaMessage[], work: () => T): T {
    try {
      return work();
    } catch (error) {
      const message = error instanceof StepFailed ? messages[error.at] : undefined;
      if (message === undefined) throw error;
      throw new Poison(message, (error as StepFailed).message);
    }
  }

  private info(of: Pick<BlockInfo, 'source' | 'partition' | 'partitions'> & Partial<BlockInfo>): BlockInfo {
    const now = this.options.now();
    return { number: this.blocks++, first: 0, ended: false, now, last: false, epochEnd: false, ...of };
  }

  private stageOfSource(id: string): Stage {
    return this.options.topology.plan.stages.find(({ source }) => source?.id === id) as Stage;
  }

  private nameOf(stage: Stage): string {
    return (stage.nodes[0] as { step: string }).step;
  }
}

function isSame(a: Mark, b: Mark): boolean {
  return a.mark >= b.mark && a.ended === b.ended && a.idle === b.idle;
}

function progressOf({ watermarks }: StageRunner): EventTimeProgress {
  return { watermarks: watermarks.savePartitions(), reached: { [watermarks.name]: watermarks.saved } };
}

/** What of it is worth a record of the changelog; when a lane was last heard of is not. */
function gistOf({ watermarks, reached }: EventTimeProgress): string {
  return JSON.stringify([
    Object.values(reached ?? {}).map(String),
    Object.entries(watermarks).map(([id, parts]) => [
      id,
      parts.map((p) => [String(p.mark), p.ended, p.idle]),
    ]),
  ]);
}

function earliest(length: number): Float64Array {
  return new Float64Array(length).fill(-Infinity);
}

function fromOf(moved: Moved): number {
  return 'record' in moved ? moved.record.from : -1;
}

function stamp(time: number): { readonly timestamp?: number } {
  return Number.isFinite(time) && time > 0 ? { timestamp: Math.trunc(time) } : {};
}
