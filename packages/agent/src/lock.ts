/**
 * One agent a buffer: held by a listening socket, because the kernel frees that when the process dies, however it dies.
 */
import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LinnetError } from '@linnet/core/base';

/** @throws LinnetError `io.refused` when another agent holds the folder */
export async function lockFolder(folder: string): Promise<{ release(): void }> {
  const address = addressOf(realpathSync(folder));
  let server = await listen(address);
  if (server === undefined && address.startsWith('/') && !(await answers(address))) {
    rmSync(address, { force: true });
    server = await listen(address);
  }
  if (server === undefined) {
    throw new LinnetError(
      'io.refused',
      `another agent works on the buffer ${folder}: stop it, or give --buffer`,
    );
  }
  server.unref();
  return { release: () => server.close() };
}

function addressOf(path: string): string {
  const name = `linnet-agent-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen(address, () => resolve(server));
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => resolve(true));
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}
