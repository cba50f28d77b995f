/** A load generator that costs little: bare sockets, packets made beforehand, answers counted by their lengths. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { generate } from 'mqtt-packet';

const CONNACK = 2;
const PUBACK = 4;

export interface ServerProcess {
  readonly port: number;
  rssMb(): number;
  stop(): Promise<void>;
}

/** `linnet serve --mqtt` in a process of its own, on a store of its own. */
export async function startServer(): Promise<ServerProcess> {
  const data = mkdtempSync(join(tmpdir(), 'linnet-bench-serve-'));
  const main = join(import.meta.dirname, '../apps/cli/src/main.ts');
  const args = ['serve', '--mqtt', '--port', '0', '--data', join(data, 'store')];
  const child: ChildProcess = spawn(process.execPath, ['--conditions=source', main, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process.on('exit', () => {
    child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });
  const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
  const [line] = (await once(lines, 'line')) as [string];
  const port = Number(/:(\d+), storing/.exec(line)?.[1]);
  if (!(port > 0)) throw new Error(`the server does not start: ${line}`);
  return {
    port,
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    stop: async () => {
      const over = once(child, 'exit');
      child.kill('SIGTERM');
      await over;
    },
  };
}

/** One connection, let in when `open` resolves. */
export class Load {
  /** Called for each PUBACK. */
  onAck: () => void = () => undefined;
  private readonly socket: Socket;
  private readonly opened: Promise<void>;
  private pending = Buffer.alloc(0);

  constructor(port: number, clientId: string) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const packet = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId,
      clean: true,
      keepalive: 0,
    } as const;
    this.socket.write(generate(packet));
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('error', reject);
      this.socket.on('data', (data) => this.read(data, resolve));
    });
  }

  open(): Promise<void> {
    return this.opened;
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  close(): void {
    this.socket.destroy();
  }

  private read(data: Buffer, opened: () => void): void {
    let bytes = this.pending.length === 0 ? data : Buffer.concat([this.pending, data]);
    while (bytes.length >= 2 && bytes.length >= 2 + (bytes[1] as number)) {
      const type = (bytes[0] as number) >> 4;
      if (type === CONNACK) opened();
      else if (type === PUBACK) this.onAck();
      bytes = bytes.subarray(2 + (bytes[1] as number));
    }
    this.pending = Buffer.from(bytes);
  }
}

export async function openAll(port: number, count: number): Promise<Load[]> {
  const loads: Load[] = [];
  // In waves, as a kernel's queue of new connections is finite.
  for (let from = 0; from < count; from += 500) {
    const wave = Array.from(
      { length: Math.min(500, count - from) },
      (_, i) => new Load(port, `load-${from + i}`),
    );
    await Promise.all(wave.map((load) => load.open()));
    loads.push(...wave);
  }
  return loads;
}

/** Sends prepared packets with so many unanswered at a time. @returns once all are answered */
export function pump(load: Load, packets: readonly Uint8Array[], window: number): Promise<void> {
  return new Promise((resolve) => {
    let [sent, answered] = [0, 0];
    load.onAck = () => {
      if (++answered === packets.length) resolve();
      else if (sent < packets.length) load.write(packets[sent++] as Uint8Array);
    };
    const first = packets.slice(0, window);
    sent = first.length;
    load.write(Buffer.concat(first));
  });
}
