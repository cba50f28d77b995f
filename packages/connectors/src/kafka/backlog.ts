import type { TopicPartition } from './port.ts';

/** More processes than partitions: some are never given one. */
const PATIENCE_MS = 5000;

/** Which of a consumer's partitions may hold something that it has not read. */
export class Backlog {
  private readonly open = new Set<string>();
  private hasPlace = false;
  private asked: number | undefined;

  assigned(partitions: readonly TopicPartition[]): void {
    this.hasPlace = true;
    for (const at of partitions) this.open.add(nameOf(at));
  }

  gone(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.open.delete(nameOf(at));
  }

  polled(messages: readonly TopicPartition[], ends: readonly TopicPartition[]): void {
    for (const at of messages) this.open.add(nameOf(at));
    // An end is told behind the last message before it.
    for (const at of ends) this.open.delete(nameOf(at));
  }

  /** Whether nothing is left; who has no partitions is given them within a few seconds, or not at all. */
  done(now: number): boolean {
    this.asked ??= now;
    return this.hasPlace ? this.open.size === 0 : now - this.asked > PATIENCE_MS;
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}
