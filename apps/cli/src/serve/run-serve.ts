import { LinnetError } from '@linnet/core';
import { serve } from '@linnet/server';
import { EXIT } from '../report.ts';

export interface RunServeOptions {
  readonly mqtt?: true;
  readonly host: string;
  readonly port?: number;
  readonly data: string;
}

/** `linnet serve`: runs until it is told to end, then commits what it took in. */
export async function runServe({ mqtt, host, port, data }: RunServeOptions): Promise<number> {
  if (mqtt === undefined) {
    throw new LinnetError('usage', 'give --mqtt to embed a broker');
  }
  const stop = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const server = await serve({
    data,
    mqtt: { host, ...(port !== undefined && { port }) },
    onTrouble: (message) =>
      say(message === undefined ? 'the store works again' : `not stored yet, trying again: ${message}`),
  });
  say(`listening on ${server.url}, storing in ${data}`);
  await stop;
  await server.close();
  return EXIT.done;
}

function say(text: string): void {
  process.stderr.write(`linnet: ${text}\n`);
}
