/** The smoke example with a table in the place of what it prints: that may come twice after a kill, a table's record may not. */
import { table } from 'linnet';
import smoke from '../../examples/smoke/flow.ts';

const { name, steps } = smoke.graph;
const tabled = new Map(
  [...steps].map(([id, step]) => [id, step.kind === 'sink' ? { ...step, sink: table() } : step]),
);

export default { graph: { name, steps: tabled } };
