import { LinnetError } from '@linnet/core';
import { serve, type EmbeddedOptions } from '@linnet/server';
import { EXIT } from '../report.ts';
import { refusalLog } from './refusal-log.ts';

export interface RunServeOptions {
  readonly mqtt?: true;
  readonly host: string;
  readonly port?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly anonymous: boolean;
  readonly data: string;
  readonly models?: string;
}

/** `linnet serve`: runs until it is told to end, then commits what it took in. */
export async function runServe(options: RunServeOptions): Promise<number> {
  if (options.mqtt === undefined) throw new LinnetError('usage', 'give --mqtt to embed a broker');
  const stop = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const refusals = refusalLog(say);
  const server = await serve({
    data: options.data,
    ...(options.models !== undefined && { models: options.models }),
    mqtt: embeddedOptions(options),
    onRefused: (why) => refusals.add(why),
    onTrouble: (message) =>
      say(message === undefined ? 'the store works again' : `not stored yet, trying again: ${message}`),
  });
  say(`listening on ${server.url}, storing in ${options.data}`);
  await stop;
  refusals.stop();
  await server.close();
  return EXIT.done;
}

function embeddedOptions({
  host,
  port,
  tlsCert,
  tlsKey,
  tlsClientCa,
  anonymous,
}: RunServeOptions): Partial<EmbeddedOptions> {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new LinnetError('usage', 'TLS needs both --tls-cert and --tls-key');
  }
  if (tlsClientCa !== undefined && tlsCert === undefined) {
    throw new LinnetError('usage', '--tls-client-ca needs --tls-cert and --tls-key');
  }
  return {
    host,
    anonymous,
    ...(port !== undefined && { port }),
    ...(tlsCert !== undefined &&
      tlsKey !== undefined && {
        tls: { cert: tlsCert, key: tlsKey, ...(tlsClientCa !== undefined && { clientCa: tlsClientCa }) },
      }),
  };
}

function say(text: string): void {
  process.stderr.write(`linnet: ${text}\n`);
}
