import { LinnetError } from '@linnet/core';
import type { KafkaConsumer, KafkaProducer, KafkaTransactions, OutgoingMessage, Position } from '../port.ts';
import { KafkaFailure } from '../port.ts';
import { ConfluentConsumer } from './consumer.ts';
import { connect } from './connect.ts';
import { call, failureOf } from './failure.ts';
import type { Library, LibraryError, NativeProducer } from './library.ts';

const QUEUE_FULL = -184;
const TOO_LARGE = 10;
const CALL_MS = 30_000;
/** The end of a transaction is asked for again when this was not enough; whoever is told to stop meanwhile does not wait longer. */
const END_MS = 5000;

/** A producer of the client library; with a transactional id one whose sends belong to transactions. */
export class ConfluentProducer implements KafkaTransactions, KafkaProducer {
  private readonly native: NativeProducer;
  private failed: LibraryError | undefined;
  /** The open transaction has its positions. */
  private placed = false;

  private constructor(
    library: Library,
    settings: Readonly<Record<string, unknown>>,
    isTransactional: boolean,
  ) {
    // A transaction with a message that was not delivered fails as a whole: a report of each would tell nothing more.
    const reports = isTransactional ? {} : { dr_cb: true };
    // The choice of partitions is a setting of topics; among those of the client it would be passed over.
    this.native = new library.Producer({ ...settings, ...reports }, { partitioner: 'murmur2_random' });
    this.native.on('delivery-report', (error: LibraryError | null) => {
      if (error) this.failed ??= error;
    });
  }

  static async open(
    library: Library,
    settings: Readonly<Record<string, unknown>>,
    transactional = false,
  ): Promise<ConfluentProducer> {
    const producer = new ConfluentProducer(library, settings, transactional);
    const { native } = producer;
    await connect(native, settings['bootstrap.servers']);
    native.setPollInterval(50);
    if (!transactional) return producer;
    try {
      await call('initTransactions', (done) => native.initTransactions(CALL_MS, done));
      return producer;
    } catch (error) {
      await producer.close();
      throw error;
    }
  }

  begin(): Promise<void> {
    this.failed = undefined;
    this.placed = false;
    return call('beginTransaction', (done) => this.native.beginTransaction(done));
  }

  send({ topic, partition, key, value, timestamp, headers }: OutgoingMessage): boolean {
    try {
      this.native.produce(
        topic,
        partition < 0 ? null : partition,
        value === null ? null : bufferOf(value),
        // A text would end at its first NUL.
        key === null ? null : typeof key === 'string' ? Buffer.from(key) : bufferOf(key),
        timestamp ?? null,
        null,
        headers === undefined
          ? undefined
          : Object.entries(headers).map(([name, text]) => ({
              [name]: typeof text === 'string' ? text : bufferOf(text),
            })),
      );
      return true;
    } catch (error) {
      const { code } = error as LibraryError;
      if (code === QUEUE_FULL) return false;
      // Tried again it would be as large.
      if (code === TOO_LARGE) throw tooLarge(topic, value?.length ?? 0);
      throw failureOf(error as LibraryError, `send to ${topic}`);
    }
  }

  async drain(): Promise<void> {
    await call('flush', (done) => this.native.flush(CALL_MS, done));
  }

  async flush(): Promise<void> {
    await this.drain();
    const { failed } = this;
    this.failed = undefined;
    if (failed !== undefined) throw failureOf(failed, 'send');
  }

  async commit(positions: readonly Position[], consumer: KafkaConsumer): Promise<void> {
    if (!(consumer instanceof ConfluentConsumer))
      throw new KafkaFailure('fatal', 'a transaction takes positions of a consumer of the same client');
    // A call whose time was up goes on in the library, which takes no other until it was made again: who commits once more after
    // the commit itself was not answered must not begin with the positions.
    if (!this.placed && positions.length > 0) {
      await call('sendOffsetsToTransaction', (done) =>
        this.native.sendOffsetsToTransaction(positions, consumer.native, END_MS, done),
      );
    }
    this.placed = true;
    await call('commitTransaction', (done) => this.native.commitTransaction(END_MS, done));
  }

  abort(): Promise<void> {
    return call('abortTransaction', (done) => this.native.abortTransaction(END_MS, done));
  }

  close(): Promise<void> {
    return call<unknown>('disconnect', (done) => this.native.disconnect(done)).then(
      () => undefined,
      () => undefined,
    );
  }
}

function tooLarge(topic: string, bytes: number): LinnetError {
  return new LinnetError(
    'io.refused',
    `a message of ${bytes.toLocaleString('en')} bytes to ${topic} is larger than Kafka is given: the record, or the state of one key, must be smaller`,
  );
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
