import { readState, type StateSummary } from '@linnet/connectors/recovery';
import { loadFlow } from '@linnet/connectors/runtime';

/** What a flow's recovery folder holds: steps, keys, bytes, offsets, epoch, watermarks. */
export async function showState(path: string, directory: string, output: 'text' | 'json'): Promise<string> {
  const graph = await loadFlow(path, import.meta.url);
  const state = readState(directory);
  const watermarks = watermarksOf(state);
  const steps = state.steps.map((step) => ({ ...step, inFlow: graph.steps.has(step.id) }));
  const { epoch = 0, offsets = {} } = state.checkpoint ?? {};
  if (output === 'json')
    return `${JSON.stringify({ epoch, offsets, watermarks, ...state, steps, checkpoint: undefined })}\n`;
  const lines = [
    `epoch ${epoch}`,
    ...steps.map(
      ({ id, kind, keys, bytes, inFlow }) =>
        `step ${id} (${kind}): ${keys.toLocaleString('en')} keys, ${bytes.toLocaleString('en')} bytes${inFlow ? '' : ' - not in the flow any more'}`,
    ),
    ...Object.entries(offsets).map(([id, offset]) => `source ${id}: read up to ${JSON.stringify(offset)}`),
    ...watermarks.map(
      ({ source, partition, watermark }) => `watermark of ${source}, partition ${partition}: ${watermark}`,
    ),
    ...state.outputs.map(({ sink, records }) => `sink ${sink}: ${records.toLocaleString('en')} records`),
    ...state.undelivered.map(
      ({ sink, epochs }) => `sink ${sink}: records of ${epochs} epochs wait to be delivered`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function watermarksOf({ checkpoint }: StateSummary) {
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
