import { readState, type StateSummary } from '@linnet/connectors/recovery';
import { loadFlow } from '@linnet/connectors/runtime';
import { openWindows } from './open-windows.ts';

/** What a flow's recovery folder holds: steps, keys, bytes, offsets, epoch, watermarks, the oldest open window. */
export async function showState(path: string, directory: string, output: 'text' | 'json'): Promise<string> {
  const graph = await loadFlow(path, import.meta.url);
  const { checkpoint, ...state } = readState(directory);
  const watermarks = watermarksOf(checkpoint);
  const windows = openWindows(graph, directory, { checkpoint, ...state });
  const oldest = windows.toSorted((a, b) => (a.oldest.start < b.oldest.start ? -1 : 1))[0];
  const steps = state.steps.map((step) => ({ ...step, inFlow: graph.steps.has(step.id) }));
  const { epoch = 0, offsets = {} } = checkpoint ?? {};
  if (output === 'json') {
    const oldestWindow = oldest === undefined ? null : { step: oldest.step, ...oldest.oldest };
    return `${JSON.stringify({ epoch, offsets, watermarks, ...state, steps, windows, oldestWindow })}\n`;
  }
  const lines = [
    `epoch ${epoch}`,
    ...steps.map(
      ({ id, kind, keys, bytes, inFlow }) =>
        `step ${id} (${kind}): ${count(keys)} keys, ${count(bytes)} bytes${inFlow ? '' : ' - not in the flow any more'}`,
    ),
    ...Object.entries(offsets).map(([id, offset]) => `source ${id}: read up to ${JSON.stringify(offset)}`),
    ...watermarks.map(
      ({ source, partition, watermark }) => `watermark of ${source}, partition ${partition}: ${watermark}`,
    ),
    ...windows.map(({ step, open }) => `windows of ${step}: ${count(open)} open`),
    oldest === undefined
      ? 'oldest open window: none'
      : `oldest open window: ${oldest.oldest.start} to ${oldest.oldest.end} of step ${oldest.step}, key ${JSON.stringify(oldest.oldest.key)}`,
    ...state.outputs.map(({ sink, records }) => `sink ${sink}: ${count(records)} records`),
    ...state.undelivered.map(
      ({ sink, epochs }) => `sink ${sink}: records of ${count(epochs)} epochs wait to be delivered`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function count(n: number): string {
  return n.toLocaleString('en');
}

function watermarksOf(checkpoint: StateSummary['checkpoint']) {
  return Object.entries(checkpoint?.watermarks ?? {}).flatMap(([source, partitions]) =>
    partitions
      .map(({ mark }, partition) => ({
        source,
        partition,
        watermark: mark === -Infinity ? null : new Date(mark).toISOString(),
      }))
      .filter(({ watermark }) => watermark !== null),
  );
}
