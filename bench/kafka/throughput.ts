import { join } from 'node:path';
import { cpuSeconds } from './cpu-seconds.ts';
import type { FleetTopic } from './fleet-topic.ts';
import { end, startMember, statuses } from './members.ts';

export interface Throughput {
  readonly recordsPerSecond: number;
  /** CPU seconds for a million records. */
  readonly broker: number;
  readonly processes: readonly number[];
}

interface Sample {
  readonly at: number;
  readonly records: number;
  readonly cpu: readonly number[];
}

let runs = 0;

/**
 * Runs the flow over the whole topic with a number of processes. The figures are of the time between the first second in which all
 * of them had read records and the last in which all of them had records left: start-up is no part of them.
 */
export async function throughput(topic: FleetTopic, members: number): Promise<Throughput> {
  const app = `run-${++runs}`;
  const children = Array.from({ length: members }, (_, i) =>
    startMember(topic, app, `m${i}`, join(topic.folder, 'state'), ['--until-end']),
  );
  let over = false;
  const ended = Promise.all(children.map(end)).finally(() => (over = true));
  ended.catch(() => undefined);
  const pids = [topic.brokerPid, ...children.map(({ pid }) => pid as number)];
  const samples: Sample[] = [];
  for await (const list of statuses(topic, app, () => over)) {
    const records = list.reduce((sum, one) => sum + one.records, 0);
    if (records === samples.at(-1)?.records || list.length < members) continue;
    if (!list.every((one) => one.records > 0 && one.lanes.some(({ lag }) => lag > 0))) continue;
    samples.push({ at: Math.max(...list.map((one) => one.at)), records, cpu: pids.map(cpuSeconds) });
  }
  await ended;
  return between(samples[0], samples.at(-1));
}

function between(first: Sample | undefined, last: Sample | undefined): Throughput {
  if (first === undefined || last === undefined || first === last)
    throw new Error('the run was over too soon to be measured: it needs more records');
  const records = last.records - first.records;
  const [broker = 0, ...processes] = last.cpu.map(
    (seconds, i) => ((seconds - (first.cpu[i] as number)) * 1e6) / records,
  );
  return { recordsPerSecond: (records * 1000) / (last.at - first.at), broker, processes };
}
