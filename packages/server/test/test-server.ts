/** A server in this process with a store of its own, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { serve, type ServeOptions, type Server } from '../src/index.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-server-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** An empty folder that goes when the tests of the file are over. */
export function newFolder(): string {
  return mkdtempSync(join(root, 'data-'));
}

export interface TestServer extends Server {
  readonly data: string;
  readonly port: number;
  readonly refused: string[];
}

export async function startServer(options: Partial<ServeOptions> = {}): Promise<TestServer> {
  const data = options.data ?? newFolder();
  const refused: string[] = [];
  const server = await serve({
    onRefused: (why) => refused.push(why),
    ...options,
    data,
    ...(options.broker === undefined && { mqtt: { port: 0, ...options.mqtt } }),
  });
  return { ...server, data, port: Number(new URL(server.url).port), refused };
}

/** Readings of a sensor, by time and, within a millisecond, by sequence: there a live one may be stored before one of the backlog. */
export function stored(data: string, sensor: string, channel: string): number[] {
  const db = openStoreReadOnly(data);
  try {
    const reader = new HistoryReader(db);
    if (!reader.sensors().includes(sensor)) return [];
    const { time, channels } = reader.read(sensor);
    const { [channel]: values, _sequence: sequence } = channels;
    if (values === undefined) return [];
    const order = [...values.keys()];
    if (sequence !== undefined) {
      const at = (i: number) => [time[i] as number, sequence[i] as number] as const;
      order.sort((a, b) => at(a)[0] - at(b)[0] || at(a)[1] - at(b)[1]);
    }
    return order.map((i) => values[i] as number);
  } finally {
    db.close();
  }
}

export function rowsOf(data: string, sql: string): Record<string, unknown>[] {
  const db = openStoreReadOnly(data);
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}
