import { LinnetError } from '@linnet/core';
import { KafkaFailure } from '../port.ts';
import { causeOf, type Cause, type LogLine } from './cause.ts';
import type { NativeClient } from './library.ts';
import { call } from './failure.ts';

const CONNECT_MS = 10_000;
/** A call to the library cannot be cut short: the first are short, so that a cause that shows at once ends the attempt. */
const FIRST_CALL_MS = 500;
/** A broker that ends hangs up once; one that speaks otherwise does it every time. */
const HANG_UPS_MAX = 2;
const INVALID_SETTING = -172;

/**
 * Connects a client. The library would try for ever with a password that is wrong; that ends at once, with the cause.
 * @throws LinnetError `io.refused` for a login or a certificate that is refused, `config.invalid` for a file that cannot be
 * used; KafkaFailure where nobody answers
 */
export async function connect(client: NativeClient, brokers: unknown): Promise<void> {
  const where = `Kafka at ${String(brokers)}`;
  let last: Cause | undefined;
  let hangUps = 0;
  const watch = (line: LogLine) => {
    const cause = causeOf(line);
    if (cause === undefined || last?.kind === 'refused') return;
    last = cause;
    if (cause.kind === 'hung-up') hangUps++;
  };
  const hopeless = () => last?.kind === 'refused' || hangUps >= HANG_UPS_MAX;
  client.on('event.log', watch);
  askInTurns(client, hopeless);
  try {
    await call('connect', (done) => client.connect({}, done));
  } catch (error) {
    // Not waited for: it may take as long as the attempt did. A producer that never was connected throws.
    void call('disconnect', (done) => client.disconnect(done)).catch(() => undefined);
    if (!(error instanceof KafkaFailure)) throw error;
    if (error.errorCode === INVALID_SETTING) throw unusable(where, error);
    if (last?.kind === 'refused') throw new LinnetError('io.refused', `${where}: ${last.text}`);
    const why = hopeless() ? '' : 'no broker answers: ';
    throw new KafkaFailure('fatal', `${where}: ${why}${last?.text ?? error.message}`, error.errorCode);
  } finally {
    client.off('event.log', watch);
  }
}

/** The question by which the library finds out whether a broker answers, asked again and again until there is no hope. */
function askInTurns(client: NativeClient, hopeless: () => boolean): void {
  const ask = client.getMetadata.bind(client);
  const until = performance.now() + CONNECT_MS;
  client.getMetadata = (options, done) => {
    const turn = (timeout: number) =>
      ask({ ...options, timeout }, (error, value) => {
        const left = until - performance.now();
        if (!error || hopeless() || left <= 0) {
          client.getMetadata = ask;
          done(error, value);
        } else turn(Math.min(2 * timeout, Math.max(left, 1)));
      });
    turn(FIRST_CALL_MS);
  };
}

/** The files are there and can be read; what is in them is not what it should be. */
function unusable(where: string, { message }: KafkaFailure): LinnetError {
  const file = /ssl\.(ca|certificate|key)\.location/.exec(message)?.[1];
  const what =
    file === undefined
      ? 'the connection cannot be used'
      : `tls.${file === 'certificate' ? 'cert' : file} is no PEM file of that kind${file === 'key' ? ', or its password is wrong (keyPasswordEnv, keyPasswordFile)' : ''}`;
  return new LinnetError('config.invalid', `${where}: ${what} (${message})`);
}
