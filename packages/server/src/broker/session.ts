import type { Client } from 'aedes';
import { deviceKey } from '../ingest/inbound.ts';
import { mayListenTo } from './access.ts';

/** Who a connection speaks for, as its credential says. */
export interface Session {
  /** Left out for an anonymous client. */
  readonly identity?: string;
  readonly tenant: string;
  /** Hash of the secret it came with: once that is another, or gone, so is the session. */
  readonly hash?: string;
}

/** A client needs one subscription, for its acknowledgements; some make a few more. */
const SUBSCRIPTIONS_MAX = 16;

/** The clients that were let in, and which of them listens for which device. */
export class Sessions {
  private readonly sessions = new Map<Client, { readonly session: Session; readonly keys: string[] }>();
  private readonly listeners = new Map<string, Client>();

  get size(): number {
    return this.sessions.size;
  }

  open(client: Client, session: Session): void {
    this.sessions.set(client, { session, keys: [] });
  }

  of(client: Client): Session | undefined {
    return this.sessions.get(client)?.session;
  }

  close(client: Client): void {
    const keys = this.sessions.get(client)?.keys ?? [];
    this.sessions.delete(client);
    // Another client may listen for the same device by now.
    for (const key of keys) if (this.listeners.get(key) === client) this.listeners.delete(key);
  }

  /** @returns whether the client may have the subscription */
  listen(client: Client, filter: string, subscriptions: number): boolean {
    const known = this.sessions.get(client);
    if (known === undefined || subscriptions >= SUBSCRIPTIONS_MAX) return false;
    const device = mayListenTo(filter, known.session.identity);
    if (device === undefined) return false;
    const key = deviceKey(known.session.tenant, device);
    known.keys.push(key);
    this.listeners.set(key, client);
    return true;
  }

  listenerOf(key: string): Client | undefined {
    return this.listeners.get(key);
  }

  /** Clients whose credential is not what it was when they came. */
  outdated(hashOf: (device: string) => string | undefined): Client[] {
    return [...this.sessions]
      .filter(
        ([
          ,
          {
            session: { identity, hash },
          },
        ]) => identity !== undefined && hashOf(identity) !== hash,
      )
      .map(([client]) => client);
  }
}
