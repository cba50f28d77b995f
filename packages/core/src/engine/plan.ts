/**
 * Cuts a graph into stages: what a worker runs without waiting for another. Between stages records may change worker:
 * by key (also for a join), to the coordinator (sinks), or to one worker a block (a merge of streams from different stages).
 */
import { assert } from '../base/error.ts';
import { isSink, isSource, type AnyStep, type Graph, type SourceStep } from './graph.ts';
import type { Operator, Ports, Step, StepInput } from './operator.ts';
import { ArriveOperator } from './operators/key-by.ts';

export interface Edge {
  readonly index: number;
  /** `key`: to the key's owner; `block`: to one worker a block; `gather`: to the coordinator. */
  readonly kind: 'key' | 'block' | 'gather';
  readonly from: number;
  /** The stage that receives, or -1 for the coordinator. */
  readonly to: number;
  /** The sink's step id of a `gather` edge. */
  readonly sink?: string;
}

export type Input = { readonly edge: number } | { readonly node: number; readonly port: number } | 'source';

export interface Node {
  readonly step: string;
  readonly inputs: readonly Input[];
  /** Absent for the source, whose records come decoded. */
  create?(ports: Ports): Operator;
  /** The node of the same stage that gives the slots its state is kept by. */
  readonly keyedBy?: number;
  /** The half of a keyBy after the exchange; its records were counted by the half before. */
  readonly arrives?: true;
}

export interface Output {
  readonly edge: number;
  readonly node: number;
  readonly port: number;
}

export interface Stage {
  readonly index: number;
  readonly source?: SourceStep;
  /** Each after its inputs. */
  readonly nodes: readonly Node[];
  readonly inputs: readonly number[];
  readonly outputs: readonly Output[];
  /** Ids of the sources whose records reach it. */
  readonly sources: readonly string[];
}

export interface Plan {
  readonly graph: Graph;
  /** Each after the stages that feed it. */
  readonly stages: readonly Stage[];
  readonly edges: readonly Edge[];
}

interface Draft {
  readonly index: number;
  readonly source?: SourceStep;
  readonly nodes: Node[];
  readonly inputs: number[];
  readonly outputs: Output[];
  readonly sources: string[];
}

interface Place {
  readonly stage: number;
  readonly node: number;
}

export function planStages(graph: Graph): Plan {
  const planner = new Planner();
  for (const step of graph.steps.values()) planner.add(step);
  return { graph, stages: planner.stages, edges: planner.edges };
}

class Planner {
  readonly stages: Draft[] = [];
  readonly edges: Edge[] = [];
  private readonly places = new Map<string, Place>();

  add(step: AnyStep): void {
    if (isSource(step)) {
      this.put(step.id, this.open(step), { step: step.id, inputs: ['source'] });
    } else if (isSink(step)) {
      this.connect(step.inputs[0] as StepInput, -1, 'gather', step.id);
    } else if (step.kind === 'keyBy') {
      this.addKeyBy(step);
    } else if (step.keyed && step.inputs.length > 1) {
      this.addJoin(step);
    } else {
      this.addOperator(step);
    }
  }

  private addKeyBy(step: Step): void {
    const before = this.placeOf(step.inputs[0] as StepInput);
    this.put(step.id, before.stage, {
      step: step.id,
      inputs: [this.within(step.inputs[0] as StepInput)],
      create: step.create,
    });
    const stage = this.open();
    const edge = this.connect({ step: step.id, port: 0 }, stage, 'key');
    this.put(step.id, stage, {
      step: step.id,
      inputs: [{ edge }],
      arrives: true,
      create: () => new ArriveOperator(),
    });
  }

  /** Brings keyed inputs to the owner of the key, but for inputs that come from one keyBy and so are there already. */
  private addJoin(step: Step): void {
    const { create } = step;
    const [first, ...others] = step.inputs.map((input) => ({
      stage: this.placeOf(input).stage,
      keyedBy: this.keyedBy(input),
    })) as [{ stage: number; keyedBy: number | undefined }, ...{ stage: number; keyedBy?: number }[]];
    const { keyedBy } = first;
    const isTogether = others.every((other) => other.stage === first.stage && other.keyedBy === keyedBy);
    if (keyedBy !== undefined && isTogether) {
      const inputs = step.inputs.map((input) => this.within(input));
      this.put(step.id, first.stage, { step: step.id, inputs, create, keyedBy });
      return;
    }
    const stage = this.open();
    const inputs = step.inputs.map((input) => ({ edge: this.connect(input, stage, 'key') }));
    this.put(step.id, stage, { step: step.id, inputs, arrives: true, create: () => new ArriveOperator() });
    const { node } = this.placeOf({ step: step.id, port: 0 });
    this.put(step.id, stage, {
      step: step.id,
      inputs: inputs.map((_, port) => ({ node, port })),
      create,
      keyedBy: node,
    });
  }

  private addOperator(step: Step): void {
    const stages = new Set(step.inputs.map((input) => this.placeOf(input).stage));
    if (stages.size === 1) {
      const [stage] = stages;
      const keyedBy = step.keyed ? this.keyedBy(step.inputs[0] as StepInput) : undefined;
      this.put(step.id, stage as number, {
        ...(keyedBy !== undefined && { keyedBy }),
        step: step.id,
        inputs: step.inputs.map((input) => this.within(input)),
        create: step.create,
      });
      return;
    }
    const stage = this.open();
    const inputs = step.inputs.map((input) => ({ edge: this.connect(input, stage, 'block') }));
    this.put(step.id, stage, { step: step.id, inputs, create: step.create });
  }

  /** The arriving half of the keyBy that a step's records come from. */
  private keyedBy(input: StepInput): number | undefined {
    const { stage, node } = this.placeOf(input);
    const from = this.stage(stage).nodes[node] as Node;
    return from.arrives === true ? node : from.keyedBy;
  }

  private open(source?: SourceStep): number {
    const index = this.stages.length;
    this.stages.push({
      index,
      ...(source && { source }),
      nodes: [],
      inputs: [],
      outputs: [],
      sources: source === undefined ? [] : [source.id],
    });
    return index;
  }

  private put(id: string, stage: number, node: Node): void {
    const nodes = this.stage(stage).nodes;
    nodes.push(node);
    this.places.set(id, { stage, node: nodes.length - 1 });
  }

  private connect(input: StepInput, to: number, kind: Edge['kind'], sink?: string): number {
    const { stage, node } = this.placeOf(input);
    const index = this.edges.length;
    this.edges.push({ index, kind, from: stage, to, ...(sink !== undefined && { sink }) });
    this.stage(stage).outputs.push({ edge: index, node, port: input.port });
    if (to >= 0) {
      const receiver = this.stage(to);
      receiver.inputs.push(index);
      for (const id of this.stage(stage).sources)
        if (!receiver.sources.includes(id)) receiver.sources.push(id);
    }
    return index;
  }

  private within(input: StepInput): Input {
    return { node: this.placeOf(input).node, port: input.port };
  }

  private placeOf(input: StepInput): Place {
    const place = this.places.get(input.step);
    assert(place !== undefined, `step ${input.step} is planned before the steps that read it`);
    return place;
  }

  private stage(index: number): Draft {
    return this.stages[index] as Draft;
  }
}
