import type { MessagePort } from 'node:worker_threads';
import { LinnetError, type Graph } from '@linnet/core';
import type { FromPeer, FromWorker, ThreadStart, ToWorker } from './messages.ts';
import { hotKeys, type MemoryOptions } from './spill.ts';
import { WorkerHost, type Voice } from './worker-host.ts';

/** One worker of a threaded run with its ports to the others; on a thread of its own, or on that of the coordinator. */
export class ThreadWorker {
  private readonly graph: Graph;
  private readonly memory: MemoryOptions | undefined;
  private readonly say: Voice['toCoordinator'];
  private host: WorkerHost | undefined;
  private peers: readonly (MessagePort | null)[] = [];
  private hot: ReturnType<typeof hotKeys> | undefined;

  constructor(graph: Graph, memory: MemoryOptions | undefined, say: Voice['toCoordinator']) {
    this.graph = graph;
    this.memory = memory;
    this.say = say;
  }

  /** Does what the coordinator asks; the first message must be `start`. */
  receive(message: ToWorker): void {
    guard(this.say, () => {
      if (message.type === 'start') this.start(message);
      else this.host?.order(message);
    });
  }

  close(): void {
    for (const port of this.peers) port?.close();
    this.hot?.close();
  }

  private start({ worker, start, ports }: ThreadStart): void {
    const { graph, memory, say } = this;
    this.hot = memory && hotKeys(memory, start.workers);
    const voice: Voice = {
      toPeer: (to, message, transfer = []) => (ports[to] as MessagePort).postMessage(message, transfer),
      toCoordinator: say,
    };
    const host = new WorkerHost(graph, worker, start, voice, this.hot);
    this.host = host;
    this.peers = ports;
    ports.forEach((port, sender) =>
      port?.on('message', (message: FromPeer) => guard(say, () => host.hear(sender, message))),
    );
  }
}

/** An error anywhere ends the run; the coordinator says it. */
export function guard(say: (message: FromWorker) => void, work: () => void): void {
  try {
    work();
  } catch (error) {
    say(failed(error));
  }
}

function failed(error: unknown): FromWorker {
  const known = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof LinnetError ? error.code : null;
  return { type: 'failed', code, message: known.message, stack: known.stack ?? '' };
}
