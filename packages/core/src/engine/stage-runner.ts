import { EMPTY, type Batch, type Key } from './batch.ts';
import { NO_MARK, type BlockInfo, type BlockMark, type MarkSteps } from './block.ts';
import type { Counts, Operator, Ports, StepContext } from './operator.ts';
import { EventTimeOperator } from './operators/event-time.ts';
import { ExpiringOperator, withoutTimes } from './operators/expiring.ts';
import { ArriveOperator } from './operators/key-by.ts';
import type { Input, Stage } from './plan.ts';
import { Residency, type Resident } from './residency.ts';
import type { StateEntry } from './state-entry.ts';
import { StepFailed } from './step-failed.ts';
import { Watermarks } from './watermark.ts';

/** Records that went into and came out of a step, and what its operator counts itself. */
export type StepCounts = Record<string, number>;

/** What a stage needs of the runtime. */
export interface RunnerPorts extends Ports {
  /** Where a record stands in its source, for people. */
  place(block: BlockInfo, index: number): string;
}

export interface StageResult {
  /** One batch for each output of the stage, in the order of `stage.outputs`. */
  readonly batches: readonly Batch[];
  /** The block's mark from here on. */
  readonly mark: BlockMark;
  /** How it rose, where the block is shared and the stage reads event time. */
  readonly steps?: MarkSteps | undefined;
}

interface Context extends StepContext {
  block: BlockInfo;
}

/** One worker's instance of a stage: its operators with their state. */
export class StageRunner {
  readonly stage: Stage;
  readonly watermarks: Watermarks;
  private readonly ports: RunnerPorts;
  private readonly operators: readonly (Operator | undefined)[];
  private readonly results: (readonly Batch[])[];
  private readonly counted: { in: number; out: number }[];
  private readonly context: Context;
  /** By the index of the node that gives the slots. */
  private readonly residencies = new Map<number, Residency>();

  constructor(stage: Stage, ports: RunnerPorts) {
    this.stage = stage;
    this.ports = ports;
    this.watermarks = new Watermarks(stage.sources);
    this.operators = stage.nodes.map((node) => node.create?.(ports));
    this.results = stage.nodes.map(() => []);
    this.counted = stage.nodes.map(() => ({ in: 0, out: 0 }));
    this.context = { at: 0, block: NO_BLOCK, mark: NO_MARK, watermarks: this.watermarks };
    this.operators.forEach((operator, index) => {
      if (!(operator instanceof ArriveOperator)) return;
      const residents = this.residentsOf(index);
      if (residents.length === 0) return;
      const { hot, durable = true } = ports;
      this.residencies.set(index, new Residency(operator.table, residents, hot, durable));
    });
  }

  /**
   * Runs every step of the stage over one block. Blocks must come in the order of their numbers.
   * @param input the batch of an input edge, or of the source
   * @param mark what the stages before learned of the block's event time
   */
  run(input: (edge: number | 'source') => Batch, block: BlockInfo, mark: BlockMark): StageResult {
    const { context } = this;
    context.block = block;
    context.mark = mark;
    context.steps = undefined;
    if (this.stage.source === undefined) this.watermarks.advance(block, mark);
    this.stage.nodes.forEach((node, index) => {
      const inputs = node.inputs.map((from) => this.resolve(from, input));
      this.results[index] = this.apply(index, inputs);
    });
    for (const residency of this.residencies.values()) residency.trim(context);
    const batches = this.stage.outputs.map(({ node, port }) => this.results[node]?.[port] ?? EMPTY);
    return { batches, mark: context.mark, steps: context.steps };
  }

  /**
   * True where workers can share the blocks of the stage's source: a record's results do not depend on those of other lines, but for
   * one reading of event time.
   */
  get canShare(): boolean {
    const times = this.operators.filter((operator) => operator instanceof EventTimeOperator).length;
    return (
      this.stage.source?.source.divide !== undefined &&
      times <= 1 &&
      this.operators.every((operator) => operator?.state === undefined)
    );
  }

  /** Adds this worker's counts to `into`, by step id. */
  addCounts(into: Map<string, StepCounts>): void {
    this.stage.nodes.forEach(({ step, arrives }, index) => {
      const passed = arrives === true ? {} : this.counted[index];
      const counts: Counts = {
        ...passed,
        ...this.operators[index]?.counts?.(),
        ...this.residencies.get(index)?.counts(),
      };
      const sum = into.get(step) ?? {};
      for (const [name, value] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + value;
      into.set(step, sum);
    });
  }

  /** Adds the states that changed since the last call to `into`. */
  drainState(into: StateEntry[]): void {
    // First, so that a key that was gone and has come back is there in the end.
    for (const residency of this.residencies.values()) residency.drain(into);
    this.stage.nodes.forEach(({ step }, index) => {
      const table = this.tableOf(index);
      this.operators[index]?.state?.drain((slot, bytes) => {
        into.push({ step, key: table?.key(slot) as Key, bytes });
      });
    });
  }

  /** Puts a state back; says whether it belongs to this stage. */
  restoreState({ step, key, bytes: stored }: StateEntry): boolean {
    const index = this.stage.nodes.findIndex(
      (node, at) => node.step === step && this.operators[at]?.state !== undefined,
    );
    if (index < 0 || stored === null) return false;
    // A step whose keys do not expire any more has no use for the times of its states.
    const bytes = this.operators[index] instanceof ExpiringOperator ? stored : withoutTimes(stored);
    if (this.ports.hot !== undefined)
      return this.residencies.get(this.stage.nodes[index]?.keyedBy ?? -1)?.restore(step, key, bytes) ?? false;
    this.operators[index]?.state?.restore(this.tableOf(index)?.slot(key) ?? 0, bytes);
    return true;
  }

  private residentsOf(arrives: number): Resident[] {
    return this.stage.nodes.flatMap(({ step, keyedBy }, index) => {
      const state = this.operators[index]?.state;
      return keyedBy === arrives && state !== undefined ? [{ step, state }] : [];
    });
  }

  private tableOf(index: number): ArriveOperator['table'] | undefined {
    const keyedBy = this.stage.nodes[index]?.keyedBy;
    const arrive = keyedBy === undefined ? undefined : this.operators[keyedBy];
    return arrive instanceof ArriveOperator ? arrive.table : undefined;
  }

  private resolve(from: Input, input: (edge: number | 'source') => Batch): Batch {
    if (from === 'source') return input('source');
    return 'edge' in from ? input(from.edge) : (this.results[from.node]?.[from.port] ?? EMPTY);
  }

  private apply(index: number, inputs: readonly Batch[]): readonly Batch[] {
    const operator = this.operators[index];
    const outputs = operator === undefined ? inputs : this.attempt(operator, index, inputs);
    const counted = this.counted[index] as { in: number; out: number };
    for (const batch of inputs) counted.in += batch.length;
    for (const batch of outputs) counted.out += batch.length;
    return outputs;
  }

  private attempt(operator: Operator, index: number, inputs: readonly Batch[]): readonly Batch[] {
    if (operator.eager !== true && inputs.every((batch) => batch.length === 0)) return [];
    const { context } = this;
    context.at = 0;
    try {
      return operator.run(inputs, context);
    } catch (cause) {
      const at = inputs[0]?.ranks?.[0]?.[context.at] ?? context.at;
      const where = this.ports.place(context.block, at);
      throw new StepFailed(this.stage.nodes[index]?.step ?? '', at, where, cause);
    }
  }
}

const NO_BLOCK: BlockInfo = {
  number: -1,
  source: '',
  first: 0,
  partition: 0,
  partitions: 1,
  ended: false,
  now: 0,
  last: false,
  epochEnd: false,
};
