/** What went wrong with a connection, in words that say what to change; codes are OpenSSL's and Node's. */
const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
]);
const OUT_OF_DATE = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
/** The other side's complaint about our certificate. */
const OURS_REFUSED =
  /ALERT_(?:CERTIFICATE|UNKNOWN_CA|BAD_CERTIFICATE|NO_CERTIFICATE|ACCESS_DENIED|DECRYPT_ERROR|UNSUPPORTED_CERTIFICATE)/;

export function connectionTrouble(error: NodeJS.ErrnoException): string {
  const { code = '', message } = error;
  if (UNKNOWN_AUTHORITY.has(code)) {
    return `the broker’s certificate is signed by an authority that is not known here (${message}): give its certificate with --ca`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the broker’s certificate is made out for another name: ${message}`;
  }
  if (OUT_OF_DATE.has(code)) {
    return `the broker’s certificate is out of date, or this device’s clock is wrong (${message})`;
  }
  if (OURS_REFUSED.test(code)) {
    return `the broker refuses this device’s certificate (${code}): check --cert and --key, or give them`;
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return `no TLS is spoken at that port (${code}): is it mqtt:// and not mqtts://?`;
  }
  return message;
}
