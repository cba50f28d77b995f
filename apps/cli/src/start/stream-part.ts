import { loadFlow, stateCodec } from '@linnet/connectors/runtime';
import { runLocal } from '@linnet/core';
import { printer } from '../run/printer.ts';
import type { Part } from './part.ts';

/** Runs the snapshot through a flow one reading after the other, and prints the anomalies. */
export async function streamPart(flow: string): Promise<Part> {
  const graph = await loadFlow(flow, import.meta.url);
  process.stdout.write(`The same readings as a stream, each scored before it is learned (${flow}):\n\n`);
  const print = printer(process.stdout);
  const { records, outputs } = await runLocal(graph, {
    clock: Date,
    codec: stateCodec,
    format: 'text',
    print,
  });
  return { name: 'stream', records, anomalies: outputs['out'] ?? 0 };
}
