import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LinnetError } from '@linnet/core/base';
import type { Intake } from './intake.ts';

const BODY_BYTES_MAX = 4 << 20;
const REQUEST_MS_MAX = 30_000;
const CONNECTIONS_MAX = 64;

/**
 * Takes readings by POST: one JSON object, an array of them, or JSON lines. Answers when they are on disk. Only programs of this machine are
 * heard: it listens on the loopback, and what a web page has a browser send is refused.
 * @throws LinnetError `io.failed` when the port is taken
 */
export async function fromHttp(
  intake: Intake,
  port: number,
  stats: () => object,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, intake, stats).catch((error: Error) => {
      reply(response, 500, { error: error.message });
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = REQUEST_MS_MAX;
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 1000).unref();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new LinnetError('io.failed', `cannot listen on port ${port}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  intake: Intake,
  stats: () => object,
): Promise<void> {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  // A page of the web reaches the loopback through its browser, which says where the page is from.
  if (request.headers.origin !== undefined || !['127.0.0.1', 'localhost'].includes(host)) {
    return reply(response, 403, { error: 'for programs of this machine only' });
  }
  if (request.method === 'GET' && request.url === '/stats') return reply(response, 200, stats());
  if (request.method !== 'POST') return reply(response, 405, { error: 'POST readings, or GET /stats' });
  const body = await bodyOf(request);
  if (body === undefined) return reply(response, 413, { error: `at most ${BODY_BYTES_MAX} bytes` });
  const taken = await intake.lines(textsOf(body), (index) => `reading ${index + 1}`);
  const status = taken.errors.length > 0 ? 400 : taken.dropped > 0 ? 507 : 200;
  reply(response, status, taken);
}

/** The texts of single readings. */
function textsOf(body: string): string[] {
  try {
    const value: unknown = JSON.parse(body);
    return (Array.isArray(value) ? value : [value]).map((one) => JSON.stringify(one));
  } catch {
    return body.split('\n');
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify(body)}\n`);
}
