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
import { jsonFile } from './json-file.ts';
import { Pace } from './pace.ts';

export interface RunLoadOptions {
  readonly kafka: string;
  readonly kafkaConfig?: string;
  readonly topic: string;
  readonly key: string;
  /** Of the topic when it is made; one that is there must have as many. */
  readonly partitions?: number;
  readonly replication?: number;
  readonly format?: Format;
  readonly time?: string;
  readonly timeFormat: StampFormat;
  readonly speed?: number;
  readonly limit?: number;
  readonly end?: boolean;
}

export type Format = 'csv' | 'jsonl' | 'json' | 'purpleair';

const PARTITIONS = 3;

type Row = Readonly<Record<string, unknown>>;

/** Loads a file's records into a topic, one JSON object a message. @returns the exit code */
export async function runLoad(path: string, options: RunLoadOptions): Promise<number> {
  if (options.speed !== undefined && options.time === undefined)
    throw new LinnetError('usage', '--speed keeps the pace of the event time: name its field with --time');
  const started = performance.now();
  const source = await sourceOf(path, options.format);
  const reader = source.open({ limit: options.limit ?? Infinity });
  let [loaded, rejected, timeless] = [0, 0, 0];
  const interrupted = new AbortController();
  const { signal } = interrupted;
  const stop = () => interrupted.abort();
  process.once('SIGINT', stop);
  const progress = new Progress(process.stderr);
  const pace = options.speed === undefined ? undefined : new Pace(options.speed);
  const timeOf = stampReader(options.timeFormat);
  let target: Target | undefined;
  let done = 0;
  try {
    for (let block = await reader.read(); block !== null && !signal.aborted; block = await reader.read()) {
      const { items, rejected: bad } = source.decode(block.payload);
      rejected += bad.length;
      for (const [at, item] of (items as readonly Row[]).entries()) {
        const key = keyOf(fieldOf(item, options.key, '--key', source.name));
        const time =
          options.time === undefined ? NaN : timeOf(fieldOf(item, options.time, '--time', source.name));
        if (Number.isNaN(time) && options.time !== undefined) timeless++;
        const wait = pace?.waitMs(time, performance.now()) ?? 0;
        // Among records that wait for their time a block takes long.
        if (wait > 0)
          progress.update(
            `${loaded.toLocaleString('en')} records, ${new Date(time).toISOString()}`,
            block.progress && done + ((block.progress - done) * at) / items.length,
          );
        if (wait > 0) await after(wait, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) break;
        // The topic is made when the file has proved to be one that can be read.
        target ??= await openTarget(options);
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
      done = block.progress ?? 0;
    }
    if (target === undefined && !signal.aborted) throw nothing(source.name, rejected);
    if (target !== undefined && options.end === true && !signal.aborted) markEnd(target, options.topic);
    await target?.producer.flush();
  } finally {
    progress.end();
    process.off('SIGINT', stop);
    await reader.close();
    await target?.producer.close();
  }
  if (target === undefined) return EXIT.interrupted;
  const seconds = (performance.now() - started) / 1000;
  const count = (n: number, what: string) => (n === 0 ? '' : `, ${n.toLocaleString('en')} ${what}`);
  const bad = `${count(rejected, 'lines are no records and were left out')}${count(timeless, `have no time in "${options.time}"`)}`;
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
    if (found !== undefined && partitions !== undefined && found !== partitions)
      throw new LinnetError(
        'config.invalid',
        `topic ${topic} is there and has ${found} partitions, not ${partitions}: leave --partitions out, or load into another topic`,
      );
    const wanted = partitions ?? PARTITIONS;
    if (found === undefined) {
      const copies = replication === undefined ? {} : { replication };
      await admin.create({ topic, partitions: wanted, ...copies, settings: KEEP });
      await visible(admin, [topic]);
    }
    return { producer: await port.producer(), partitions: found ?? wanted };
  } finally {
    await admin.close();
  }
}

function nothing(name: string, rejected: number): LinnetError {
  const why =
    rejected === 0 ? 'it is empty' : `none of its ${rejected.toLocaleString('en')} lines is a record`;
  return new LinnetError('data.empty', `${name} has no record to load: ${why}`);
}

function markEnd({ producer, partitions }: Target, topic: string): void {
  for (let partition = 0; partition < partitions; partition++)
    producer.send({ topic, partition, key: null, value: null, headers: { [END_HEADER]: '1' } });
}

async function sourceOf(path: string, format: Format | undefined): Promise<Source<object>> {
  const kind = format ?? formatOf(path);
  if (kind === 'json') return jsonFile(path);
  if (kind === 'csv') return csv(path);
  if (kind === 'jsonl') return jsonLines<object>(path);
  if (kind === 'purpleair') return purpleAirSnapshot(path);
  throw new LinnetError(
    'usage',
    `${path}: its name does not tell what it is; say --format csv, jsonl, json or purpleair`,
  );
}

/** A `.json` file may hold an array, or a record a line: it is looked into. */
function formatOf(path: string): Format | undefined {
  if (/\.csv(\.gz)?$/i.test(path)) return 'csv';
  if (/\.(jsonl|ndjson)(\.gz)?$/i.test(path)) return 'jsonl';
  if (/\.json(\.gz)?$/i.test(path)) return 'json';
  return undefined;
}

function fieldOf(item: Row, field: string, option: string, name: string): unknown {
  if (field in item) return item[field];
  throw new LinnetError(
    'config.unknown',
    `${name} has no field "${field}" for ${option}; it has ${Object.keys(item).join(', ')}`,
  );
}

function keyOf(key: unknown): string {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : '';
}
