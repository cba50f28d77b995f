import { LinnetError } from '@linnet/core';
import { KafkaFailure } from '../port.ts';
import type { LibraryError, NativeClient } from './library.ts';
import { call } from './failure.ts';

/** librdkafka's codes for what no second attempt would mend, and what to look at. */
const HOPELESS: Readonly<Record<number, string>> = {
  [-169]: 'the login was refused: look at sasl.mechanism, sasl.username and the password',
  58: 'the login was refused: look at sasl.mechanism, sasl.username and the password',
  [-181]: 'TLS failed: look at tls.ca, tls.cert and tls.key, and whether the broker speaks TLS at this port',
};
const CONNECT_MS = 10_000;

/**
 * Connects a client. The library would try for ever with a password that is wrong; that ends at once.
 * @throws LinnetError `io.refused` for a login or a certificate that is refused; KafkaFailure where nobody answers
 */
export async function connect(client: NativeClient, brokers: unknown): Promise<void> {
  let refused: ((error: Error) => void) | undefined;
  const hopeless = new Promise<never>((_, reject) => (refused = reject));
  hopeless.catch(() => undefined);
  const where = `Kafka at ${String(brokers)}`;
  const watch = (error: LibraryError) => {
    const why = HOPELESS[error.code];
    if (why !== undefined) refused?.(new LinnetError('io.refused', `${where}: ${why} (${error.message})`));
  };
  client.on('event.error', watch);
  try {
    await Promise.race([call('connect', (done) => client.connect({ timeout: CONNECT_MS }, done)), hopeless]);
  } catch (error) {
    // Not waited for: it may take as long as the attempt did. A producer that never was connected throws.
    void call('disconnect', (done) => client.disconnect(done)).catch(() => undefined);
    if (!(error instanceof KafkaFailure)) throw error;
    throw new KafkaFailure('fatal', `${where}: no broker answers (${error.message})`, error.errorCode);
  } finally {
    client.off('event.error', watch);
  }
}
