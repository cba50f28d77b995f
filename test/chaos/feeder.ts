import { setTimeout as wait } from 'node:timers/promises';
import { END_HEADER, partitionOf, type KafkaProducer } from '@linnet/connectors/kafka';
import { reading, type Reading } from './readings.ts';

const TURN_MS = 50;

/** Writes readings to a topic, by sensor. */
export class Feeder {
  readonly fed: Reading[] = [];
  private readonly producer: KafkaProducer;
  private readonly topic: string;
  private readonly lanes: number;
  private readonly onFailure: (error: Error) => void;
  private abandoned = false;

  constructor(producer: KafkaProducer, topic: string, lanes: number, onFailure: (error: Error) => void) {
    this.onFailure = onFailure;
    this.producer = producer;
    this.topic = topic;
    this.lanes = lanes;
  }

  async feed(list: readonly Reading[]): Promise<void> {
    for (const one of list) {
      const partition = partitionOf(Buffer.from(one.sensor), this.lanes);
      const value = Buffer.from(JSON.stringify(one));
      while (!this.abandoned && !this.producer.send({ topic: this.topic, partition, key: one.sensor, value }))
        // A broker that is away for long is no failure of the feeder: what waits is sent when it is back.
        await this.producer.drain().catch(() => undefined);
    }
    for (const one of list) this.fed.push(one);
  }

  /** Goes on with the next readings at a pace until `stopped`: there is always work where something is about to die. */
  async keepFeeding(perSecond: number, stopped: () => boolean): Promise<void> {
    const count = Math.ceil((perSecond * TURN_MS) / 1000);
    try {
      while (!stopped() && !this.abandoned) {
        await this.feed(Array.from({ length: count }, (_, i) => reading(this.fed.length + i)));
        await wait(TURN_MS);
      }
    } catch (error) {
      this.onFailure(error as Error);
    }
  }

  /** Ends it wherever it is: the case is over. */
  async abandon(): Promise<void> {
    this.abandoned = true;
    await this.producer.close();
  }

  async flush(): Promise<void> {
    await this.producer.flush();
  }

  async end(): Promise<void> {
    for (let partition = 0; partition < this.lanes; partition++)
      this.producer.send({
        topic: this.topic,
        partition,
        key: null,
        value: null,
        headers: { [END_HEADER]: '1' },
      });
    await this.producer.drain().catch(() => undefined);
    await this.producer.flush();
  }
}
