/** A broker of one scenario, with a topic of readings. Both are gone when the scenario's process ends. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { confluentKafka, type KafkaPort } from '@linnet/connectors/kafka';
import { startBroker } from '../../scripts/kafka-tool/broker.ts';
import { kafkaClient } from '../../scripts/kafka-tool/client.ts';
import { writeReadings } from './readings.ts';

export const cli = join(import.meta.dirname, '../../apps/cli/src/main.ts');
export const TOPIC = 'readings';
export const LANES = 4;

export interface FleetTopic {
  readonly bootstrap: string;
  readonly brokerPid: number;
  readonly port: KafkaPort;
  readonly folder: string;
  readonly records: number;
}

export async function startFleetTopic(records: number, sensors: number): Promise<FleetTopic> {
  process.env['LINNET_KAFKA_CLIENT'] = kafkaClient();
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-kafka-'));
  const broker = { folder: join(folder, 'broker'), port: 0 };
  process.on('exit', () => {
    try {
      process.kill(Number(readFileSync(join(broker.folder, 'pid'), 'utf8')), 'SIGKILL');
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  });
  // Who measures was ended: nobody waits for a figure any more.
  process.once('disconnect', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const { bootstrap, pid } = await startBroker(broker);
  const input = join(folder, 'readings.jsonl');
  await writeReadings(input, records, sensors);
  const place = ['--kafka', bootstrap, '--topic', TOPIC, '--partitions', String(LANES)];
  const args = ['--conditions=source', cli, 'load', input, ...place, '--key', 'sensor', '--end'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`loading failed: ${stderr}`);
  rmSync(input);
  return { bootstrap, brokerPid: pid, port: confluentKafka({ brokers: bootstrap }), folder, records };
}
