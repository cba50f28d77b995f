/** `/live`, `/ready` and `/metrics` of a process, for who watches over it. It only tells; nothing can be done through it. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LinnetError } from '@linnet/core/base';
import { textOf, type Address } from './address.ts';
import type { Readiness } from './readiness.ts';

/** Whose health is asked. */
export interface HealthSubject {
  ready(): Readiness;
  /** In the words of Prometheus. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

export interface HealthServer {
  readonly address: Address;
  close(): void;
}

/** @throws LinnetError `io.refused` where the address cannot be had */
export async function startHealth(wanted: Address, subject: HealthSubject): Promise<HealthServer> {
  const { metrics } = subject;
  const server = createServer({ requestTimeout: 5000, maxHeaderSize: 4096 }, (request, response) => {
    const isAsked = request.method === 'GET' || request.method === 'HEAD';
    const path = isAsked ? request.url?.split('?')[0] : undefined;
    // That it answers is all there is to say of its life: a broker that is away is not mended by a restart.
    if (path === '/live') answer(response, 200, 'live');
    else if (path === '/ready') {
      const { ready, why } = subject.ready();
      answer(response, ready ? 200 : 503, why);
    } else if (path === '/metrics')
      metrics.text().then(
        (text) => answer(response, 200, text, metrics.contentType),
        (error: unknown) => answer(response, 500, (error as Error).message),
      );
    else answer(response, isAsked ? 404 : 405, 'there are /live, /ready and /metrics');
  });
  server.maxConnections = 64;
  server.listen(wanted.port, wanted.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new LinnetError('io.refused', `--health ${textOf(wanted)}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  // The work decides when the process ends.
  server.unref();
  return {
    address: { host: wanted.host, port: (server.address() as AddressInfo).port },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(
  response: ServerResponse,
  code: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(code, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${text}\n`);
}
