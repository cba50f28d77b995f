/** Real brokers for tests: aedes in this process, Mosquitto as a child. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aedes } from 'aedes';

export interface TestBroker {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

export async function startAedes(
  configure: (broker: Aedes) => void = () => {},
  port = 0,
): Promise<TestBroker & { broker: Aedes }> {
  const broker = await Aedes.createBroker({ connectTimeout: 5000 });
  configure(broker);
  const server: Server = createServer((socket) => broker.handle(socket));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    broker,
    port: address.port,
    url: `mqtt://127.0.0.1:${address.port}`,
    stop: async () => {
      server.close();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    },
  };
}

/** Path of Mosquitto; installed from Debian's packages where it is missing and we may. */
export function mosquittoPath(): string {
  const known = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'];
  const find = () => known.find((path) => existsSync(path));
  if (find() === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    // Its service is not wanted, only its program.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    spawnSync('apt-get', ['update', '-q'], { env, stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-qy', '--no-install-recommends', 'mosquitto'], {
      env,
      stdio: 'ignore',
    });
  }
  const path = find();
  if (path === undefined)
    throw new Error('Mosquitto is missing: apt-get install mosquitto (or your system’s package)');
  return path;
}

export interface Mosquitto extends TestBroker {
  readonly folder: string;
  /** SIGKILL and start again on the same port. */
  restart(): Promise<void>;
  /** Ends it, leaving the port closed. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** @param more lines of configuration; `%D` stands for the broker's folder */
export async function startMosquitto(
  more = 'allow_anonymous true',
  files: Record<string, string> = {},
): Promise<Mosquitto> {
  const program = mosquittoPath();
  const folder = mkdtempSync(join(tmpdir(), 'linnet-mosquitto-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const port = await freePort();
  const lines = [`listener ${port} 127.0.0.1`, 'user root', 'max_queued_messages 100000', 'log_type none'];
  lines.push('persistence true', `persistence_location ${folder}/`, 'autosave_interval 1');
  writeFileSync(join(folder, 'm.conf'), [...lines, more.replaceAll('%D', folder), ''].join('\n'));
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(program, ['-c', join(folder, 'm.conf')], { stdio: 'ignore' });
    await listening(port);
  };
  const kill = async (): Promise<void> => {
    const gone = child;
    child = undefined;
    if (gone === undefined) return;
    const over = once(gone, 'exit');
    gone.kill('SIGKILL');
    await over;
  };
  await start();
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    folder,
    start,
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('connect', () => socket.destroy());
      socket.once('error', () => resolve(false));
    });
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
