import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOf } from './cause.ts';

const at = '[thrd:sasl_ssl://h:1/bootstrap]: sasl_ssl://h:1/bootstrap: ';

test('what librdkafka says of a refused login comes without address, state and noise', () => {
  const message = `${at}SASL authentication error: Authentication failed: Invalid username or password (after 315ms in state AUTH_REQ, 1 identical error(s) suppressed)`;
  assert.deepEqual(causeOf({ fac: 'FAIL', message }), {
    kind: 'refused',
    text: 'the login was refused: look at sasl.mechanism, sasl.username and the password (SASL authentication error: Authentication failed: Invalid username or password)',
  });
});

test('a token endpoint that refuses is final, one that is away is not', () => {
  const failed = 'Failed to retrieve OIDC token from "http://h/t": ';
  assert.equal(
    causeOf({ fac: 'OIDC', message: `${failed}{"error":"invalid_client"} (401)` })?.kind,
    'refused',
  );
  assert.equal(causeOf({ fac: 'OIDC', message: `${failed}Couldn't connect to server (-1)` })?.kind, 'away');
});

test('lines about other things are no cause', () => {
  assert.equal(causeOf({ fac: 'PARTCNT', message: 'x' }), undefined);
  assert.equal(causeOf({ fac: 'FAIL', message: `${at}something new` }), undefined);
});
