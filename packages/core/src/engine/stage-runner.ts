import { LinnetError } from '../base/error.ts';
import { EMPTY, type Batch } from './batch.ts';
import type { Counts, Operator, Trace } from './operator.ts';
import type { Input, Stage } from './plan.ts';

/** The block that a stage is working on, for messages. */
export interface BlockOrigin {
  readonly source: string;
  /** Says where record `index` of the block stands in the source. */
  place(index: number): string;
}

/** Records that went into and came out of a step, and what its operator counts itself. */
export type StepCounts = Record<string, number>;

/** One worker's instance of a stage: its operators with their state. */
export class StageRunner {
  readonly stage: Stage;
  private readonly operators: readonly (Operator | undefined)[];
  private readonly results: (readonly Batch[])[];
  private readonly counted: { in: number; out: number }[];
  private readonly trace: Trace = { at: 0 };

  constructor(stage: Stage) {
    this.stage = stage;
    this.operators = stage.nodes.map((node) => node.create?.());
    this.results = stage.nodes.map(() => []);
    this.counted = stage.nodes.map(() => ({ in: 0, out: 0 }));
  }

  /**
   * Runs every step of the stage over one block.
   * @param input the batch of an input edge, or of the source
   * @returns one batch for each output of the stage, in the order of `stage.outputs`
   */
  run(input: (edge: number | 'source') => Batch, origin: BlockOrigin): Batch[] {
    this.stage.nodes.forEach((node, index) => {
      const inputs = node.inputs.map((from) => this.resolve(from, input));
      this.results[index] = this.apply(index, inputs, origin);
    });
    return this.stage.outputs.map(({ node, port }) => this.results[node]?.[port] ?? EMPTY);
  }

  /** Adds this worker's counts to `into`, by step id. */
  addCounts(into: Map<string, StepCounts>): void {
    this.stage.nodes.forEach(({ step, arrives }, index) => {
      const passed = arrives === true ? {} : this.counted[index];
      const counts: Counts = { ...passed, ...this.operators[index]?.counts?.() };
      const sum = into.get(step) ?? {};
      for (const [name, value] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + value;
      into.set(step, sum);
    });
  }

  private resolve(from: Input, input: (edge: number | 'source') => Batch): Batch {
    if (from === 'source') return input('source');
    return 'edge' in from ? input(from.edge) : (this.results[from.node]?.[from.port] ?? EMPTY);
  }

  private apply(index: number, inputs: readonly Batch[], origin: BlockOrigin): readonly Batch[] {
    const operator = this.operators[index];
    const outputs = operator === undefined ? inputs : this.attempt(operator, index, inputs, origin);
    const counted = this.counted[index] as { in: number; out: number };
    for (const batch of inputs) counted.in += batch.length;
    for (const batch of outputs) counted.out += batch.length;
    return outputs;
  }

  private attempt(
    operator: Operator,
    index: number,
    inputs: readonly Batch[],
    origin: BlockOrigin,
  ): readonly Batch[] {
    if (inputs.every((batch) => batch.length === 0)) return [];
    this.trace.at = 0;
    try {
      return operator.run(inputs, this.trace);
    } catch (cause) {
      const at = inputs[0]?.ranks?.[0]?.[this.trace.at] ?? this.trace.at;
      const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      throw new LinnetError(
        'flow.step-failed',
        `step "${this.stage.nodes[index]?.step}" failed at ${origin.place(at)}: ${why}`,
        { cause },
      );
    }
  }
}
