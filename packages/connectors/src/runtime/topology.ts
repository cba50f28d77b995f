/** Which worker does what, by number of the block; the same arithmetic on every side. */
import type { BlockInfo, Plan, Stage } from '@linnet/core/engine';

/** True for a stage that handles a block on one worker alone: a source, or a merge of streams from different stages. */
export function isSolo(plan: Plan, stage: Stage): boolean {
  return stage.source !== undefined || stage.inputs.some((edge) => plan.edges[edge]?.kind === 'block');
}

/** The worker of the solo stages for a block. */
export function soloWorker(block: number, workers: number): number {
  return block % workers;
}

/** How many portions a receiver of these edges gets of a block. */
export function portionsExpected(
  plan: Plan,
  edges: readonly number[],
  workers: number,
): (info: BlockInfo) => number {
  const from = edges.map((edge) => plan.stages[plan.edges[edge]?.from ?? 0] as Stage);
  const count = (shared: boolean) =>
    from.reduce((sum, stage) => {
      const one = isSolo(plan, stage) && !(shared && stage.source !== undefined);
      return sum + (one ? 1 : workers);
    }, 0);
  const [whole, shared] = [count(false), count(true)];
  return (info) => (info.share === undefined ? whole : shared);
}

/** How many messages with states the coordinator gets at the end of an epoch. */
export function epochPartsExpected(plan: Plan, workers: number): number {
  return workers * plan.stages.filter((stage) => !isSolo(plan, stage)).length;
}
