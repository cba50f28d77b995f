import { setTimeout as after } from 'node:timers/promises';
import { csv, jsonLines, purpleAirSnapshot } from '@linnet/connectors/file';
import {
  END_HEADER,
  KEEP,
  confluentKafka,
  readConnection,
  visible,
  type KafkaProducer,
} from '@linnet/connectors/kafka';
import { LinnetError, stampReader, type Source, type StampFormat } from '@linnet/core';
import { Progress } from '../progress.ts';
import { EXIT } from '../report.ts';
import { Pace } from './pace.ts';

export interface RunLoadOptions {
  readonly kafka: string;
  readonly kafkaConfig?: string;
  readonly topic: string;
  readonly key: string;
  readonly partitions: number;
  readonly replication?: number;
  readonly format?: 'csv' | 'jsonl' | 'purpleair';
  readonly time?: string;
  readonly timeFormat: StampFormat;
  readonly speed?: number;
  readonly limit?: number;
  readonly end?: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/** Loads a file's records into a topic, one JSON object a message. @returns the exit code */
export async function runLoad(path: string, options: RunLoadOptions): Promise<number> {
  if (options.speed !== undefined && options.time === undefined)
    throw new LinnetError('usage', '--speed keeps the pace of the event time: name its field with --time');
  const started = performance.now();
  const source = sourceOf(path, options.format);
  const reader = source.open({ limit: options.limit ?? Infinity });
  let [loaded, rejected] = [0, 0];
  const interrupted = new AbortController();
  const { signal } = interrupted;
  const stop = () => interrupted.abort();
  process.once('SIGINT', stop);
  const progress = new Progress(process.stderr);
  const pace = options.speed === undefined ? undefined : new Pace(options.speed);
  const timeOf = stampReader(options.timeFormat);
  let target: Target | undefined;
  try {
    for (let block = await reader.read(); block !== null && !signal.aborted; block = await reader.read()) {
      const { items, rejected: bad } = source.decode(block.payload);
      rejected += bad.length;
      // The topic is made when the file has proved to be one that can be read.
      target ??= await openTarget(options);
      for (const item of items as readonly Row[]) {
        const key = keyOf(item, options.key, source.name);
        const time = options.time === undefined ? NaN : timeOf(item[options.time]);
        const wait = pace?.waitMs(time, performance.now()) ?? 0;
        if (wait > 0) await after(wait, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) break;
        const message = {
          topic: options.topic,
          partition: -1,
          key,
          value: Buffer.from(JSON.stringify(item)),
          ...(time > 0 && { timestamp: Math.trunc(time) }),
        };
        while (!target.producer.send(message)) await target.producer.drain();
        loaded++;
      }
      progress.update(`${loaded.toLocaleString('en')} records`, block.progress);
    }
    target ??= await openTarget(options);
    if (options.end === true && !signal.aborted) markEnd(target, options.topic);
    await target.producer.flush();
  } finally {
    progress.end();
    process.off('SIGINT', stop);
    await reader.close();
    await target?.producer.close();
  }
  const seconds = (performance.now() - started) / 1000;
  const bad = rejected > 0 ? `, ${rejected.toLocaleString('en')} lines are no records and were left out` : '';
  process.stderr.write(
    `linnet: ${loaded.toLocaleString('en')} records into ${options.topic} (${target.partitions} partitions) in ${seconds.toFixed(2)} s${bad}\n`,
  );
  return signal.aborted ? EXIT.interrupted : EXIT.done;
}

interface Target {
  readonly producer: KafkaProducer;
  readonly partitions: number;
}

async function openTarget(options: RunLoadOptions): Promise<Target> {
  const { topic, partitions, replication } = options;
  const port = confluentKafka(readConnection(options.kafka, options.kafkaConfig));
  const admin = await port.admin();
  try {
    const found = (await admin.partitions([topic])).get(topic);
    if (found === undefined) {
      const copies = replication === undefined ? {} : { replication };
      await admin.create({ topic, partitions, ...copies, settings: KEEP });
      await visible(admin, [topic]);
    }
    return { producer: await port.producer(), partitions: found ?? partitions };
  } finally {
    await admin.close();
  }
}

function markEnd({ producer, partitions }: Target, topic: string): void {
  for (let partition = 0; partition < partitions; partition++)
    producer.send({ topic, partition, key: null, value: null, headers: { [END_HEADER]: '1' } });
}

function sourceOf(path: string, format: RunLoadOptions['format']): Source<object> {
  const kind =
    format ?? (/\.csv(\.gz)?$/i.test(path) ? 'csv' : /\.jsonl?(\.gz)?$/i.test(path) ? 'jsonl' : undefined);
  if (kind === 'csv') return csv(path);
  if (kind === 'jsonl') return jsonLines<object>(path);
  if (kind === 'purpleair') return purpleAirSnapshot(path);
  throw new LinnetError(
    'usage',
    `${path}: its name does not tell what it is; say --format csv, jsonl or purpleair`,
  );
}

function keyOf(item: Row, field: string, name: string): string {
  const key = item[field];
  if (typeof key === 'string' || typeof key === 'number') return String(key);
  if (field in item) return '';
  throw new LinnetError(
    'config.unknown',
    `${name} has no field "${field}" for --key; it has ${Object.keys(item).join(', ')}`,
  );
}
