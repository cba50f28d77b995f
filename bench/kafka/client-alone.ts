import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cpuSeconds } from './cpu-seconds.ts';
import { TOPIC, type FleetTopic } from './fleet-topic.ts';
import type { Throughput } from './throughput.ts';

/** Reads the whole topic with the client alone. */
export function clientAlone({ bootstrap, brokerPid }: FleetTopic): Throughput {
  const before = cpuSeconds(brokerPid);
  const args = ['--conditions=source', join(import.meta.dirname, 'client-main.ts'), bootstrap, TOPIC];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the client alone failed: ${stderr}`);
  const { records, seconds, cpu } = JSON.parse(stdout) as Record<'records' | 'seconds' | 'cpu', number>;
  return {
    recordsPerSecond: records / seconds,
    broker: ((cpuSeconds(brokerPid) - before) * 1e6) / records,
    processes: [(cpu * 1e6) / records],
  };
}
