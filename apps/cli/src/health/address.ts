import { LinnetError } from '@linnet/core';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Of Prometheus' exporters the range of ports that nothing else is given. */
export const HEALTH_PORT = 9464;

/**
 * `[host:]port`; the host is this machine's own unless one is named.
 * @throws LinnetError `usage`
 */
export function readAddress(text: string): Address {
  const found = /^(?:(?:\[([\da-f:]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text);
  const port = Number(found?.[3]);
  if (found === null || port > 65_535)
    throw new LinnetError('usage', `"${text}" is no address: give PORT or HOST:PORT, such as 127.0.0.1:9464`);
  return { host: found[1] ?? found[2] ?? '127.0.0.1', port };
}

export function textOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
