/** What librdkafka's log says of a connection that does not come about: its errors have no more than a class of failure. */
export interface LogLine {
  /** Topic of the line: FAIL for connections, OIDC for tokens. */
  readonly fac: string;
  readonly message: string;
}

export interface Cause {
  /** `refused`: no second attempt would mend it. `hung-up`: it may be the broker that ends, or one that speaks otherwise. */
  readonly kind: 'refused' | 'hung-up' | 'away';
  /** What it is and what to look at; never a secret. */
  readonly text: string;
}

const LOGIN = 'look at sasl.mechanism, sasl.username and the password';

/** From the most telling to the least. */
const CAUSES: readonly (readonly [RegExp, Cause['kind'], string])[] = [
  [/mechanism handshake failed/, 'refused', `the broker does not take this login here: ${LOGIN}`],
  [/SASL authentication error|SASL .*failed/, 'refused', `the login was refused: ${LOGIN}`],
  [
    /OIDC token.*\(4\d\d\)$/,
    'refused',
    'the token endpoint refused: look at sasl.tokenEndpoint, sasl.clientId and the secret',
  ],
  [/OIDC token/, 'away', 'the token endpoint gives no token: look at sasl.tokenEndpoint'],
  [
    /certificate verify failed/,
    'refused',
    'TLS failed, the broker’s certificate is of an unknown authority or for another name: look at tls.ca and the broker’s name',
  ],
  [
    /alert (bad certificate|certificate (required|unknown|revoked|expired)|unknown ca|handshake failure)/,
    'refused',
    'TLS failed, the broker did not take the client’s certificate, or wants one: look at tls.cert and tls.key',
  ],
  [
    /wrong version number|packet length too long/,
    'refused',
    'TLS failed: the broker speaks none at this port',
  ],
  [/SSL handshake failed/, 'hung-up', 'TLS failed: does the broker speak TLS at this port?'],
  [
    /Disconnected.*(APIVERSION_QUERY|state UP)/,
    'hung-up',
    'the broker hung up: it may want TLS or a login at this port, see tls and sasl of --kafka-config',
  ],
  [/Failed to resolve/, 'away', 'no such host'],
  [/Connect to .* failed/, 'away', 'nobody listens there'],
];

/** @returns undefined for lines about something else */
export function causeOf({ fac, message }: LogLine): Cause | undefined {
  if (fac !== 'FAIL' && fac !== 'OIDC') return undefined;
  const found = CAUSES.find(([pattern]) => pattern.test(message));
  if (found === undefined) return undefined;
  const [, kind, text] = found;
  return { kind, text: `${text} (${detailOf(message)})` };
}

/** Without the thread and the address in front, and the state of the connection behind. */
function detailOf(message: string): string {
  return message
    .replace(/^(\[thrd:[^\]]*\]: )?(\S+\/(bootstrap|\d+): )?/, '')
    .replace(/ \(after \d+ms in state .*$/, '')
    .replace(/: (verify that ssl|install ca).*$/, '');
}
