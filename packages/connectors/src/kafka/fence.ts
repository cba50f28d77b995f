import { decodeNote } from './note.ts';
import { KafkaFailure, type KafkaConsumer, type KafkaPort } from './port.ts';
import type { Topology } from './topology.ts';

/** In milliseconds; the broker ends a transaction that was open for longer. */
export const TRANSACTION_MS = 15_000;

export function transactionsOf(port: KafkaPort, { app }: Topology, instance: string) {
  return port.transactions(`${app}-${instance}`, TRANSACTION_MS);
}

/** Fences off members that are gone. */
export class Fence {
  private readonly busy = new Set<string>();
  private readonly port: KafkaPort;
  private readonly topology: Topology;
  private readonly instance: string;

  constructor(port: KafkaPort, topology: Topology, instance: string) {
    this.port = port;
    this.topology = topology;
    this.instance = instance;
  }

  /**
   * A lane's changelog is held up by a transaction of who had the lane before and is gone: its name, taken for a moment, ends
   * the transaction at once, where the broker would wait for its time to be up.
   */
  async predecessor(lane: number, consumer: KafkaConsumer): Promise<void> {
    const at = { topic: this.topology.subscribed[0] as string, partition: lane };
    const [committed] = await consumer.committed([at]);
    const before = decodeNote(committed?.metadata).instance;
    if (before === '' || before === this.instance || this.busy.has(before)) return;
    this.busy.add(before);
    try {
      const transactions = await transactionsOf(this.port, this.topology, before);
      await transactions.close();
    } catch (error) {
      // Another that takes over lanes of the same process was quicker, or the broker is busy: it ends by itself later.
      if (!(error instanceof KafkaFailure)) throw error;
    } finally {
      this.busy.delete(before);
    }
  }
}
