import { TLSSocket } from 'node:tls';
import type { Client } from 'aedes';
import { isDevice } from '@linnet/core/wire';
import type { Credential } from '../devices/device-registry.ts';
import type { Verifier } from '../devices/verifier.ts';
import type { Session } from './session.ts';

export interface GatekeeperOptions {
  /** Clients without a user name are let in; only ever where none but this machine can connect. */
  readonly anonymous: boolean;
  /** A client's certificate says who it is. */
  readonly mutualTls: boolean;
  readonly verifier: Verifier;
  credential(device: string): Credential | undefined;
}

/** MQTT 3.1.1's return codes. */
export const REFUSED = { unavailable: 3, password: 4, unauthorised: 5 } as const;

export type Admission =
  | { readonly session: Session }
  | { readonly returnCode: (typeof REFUSED)[keyof typeof REFUSED]; readonly why: string };

/** Decides who a connection is, by certificate, by user name and secret, or as anonymous. */
export async function admit(
  client: Client,
  user: string | undefined,
  password: Buffer | undefined,
  options: GatekeeperOptions,
): Promise<Admission> {
  if (options.mutualTls) return byCertificate(client, user, options);
  if (user === undefined || user === '') {
    return options.anonymous
      ? { session: { tenant: '' } }
      : { returnCode: REFUSED.unauthorised, why: 'no user name' };
  }
  const verified = await options.verifier.verify(user, password ?? Buffer.alloc(0), () => client.closed);
  if (verified.kind === 'busy') return { returnCode: REFUSED.unavailable, why: 'too many wait to be let in' };
  if (verified.kind === 'refused') {
    return { returnCode: REFUSED.password, why: `wrong user name or password: ${shown(user)}` };
  }
  return { session: { identity: user, tenant: verified.tenant, hash: verified.hash } };
}

/** The common name is the device, which must be on the list: removing it there ends its access. */
function byCertificate(client: Client, user: string | undefined, options: GatekeeperOptions): Admission {
  const socket = client.conn;
  const certificate =
    socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate() : undefined;
  const name = certificate?.subject?.CN;
  if (typeof name !== 'string' || !isDevice(name)) {
    return { returnCode: REFUSED.unauthorised, why: 'its certificate names no device' };
  }
  if (user !== undefined && user !== '' && user !== name) {
    return { returnCode: REFUSED.unauthorised, why: `certificate of ${name}, user name ${shown(user)}` };
  }
  const known = options.credential(name);
  if (known === undefined) {
    return { returnCode: REFUSED.unauthorised, why: `certificate of ${name}, which is not on the list` };
  }
  return { session: { identity: name, tenant: known.tenant, hash: known.hash } };
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
