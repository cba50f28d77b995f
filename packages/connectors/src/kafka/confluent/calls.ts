import { KafkaFailure } from '../port.ts';
import { call } from './failure.ts';

/**
 * Calls of a client that the library has not answered. It answers on a thread of its own: whoever takes the client apart waits for
 * them first, and none is begun after that.
 */
export class Calls {
  private readonly open = new Set<Promise<unknown>>();
  private closing = false;

  ask<T>(what: string, start: Parameters<typeof call<T>>[1]): Promise<T> {
    if (this.closing) return Promise.reject(new KafkaFailure('retry', `${what}: the client is being closed`));
    const answer = call<T>(what, start);
    this.open.add(answer);
    const over = () => void this.open.delete(answer);
    answer.then(over, over);
    return answer;
  }

  async close(): Promise<void> {
    this.closing = true;
    await Promise.allSettled(this.open);
  }
}
