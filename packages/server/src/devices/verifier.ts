import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isDevice } from '@linnet/core/wire';
import type { Credential } from './device-registry.ts';
import { hashSecret, matches } from './secret.ts';

/** Hashes computed at once: the rest of the machine stays with the ingest. */
const HASHES_MAX = 2;
/** Connections that wait for a hash; more are sent away and come back. */
const WAITING_MAX = 10_000;
const KNOWN_MAX = 100_000;

export type Verified =
  | { readonly kind: 'accepted'; readonly tenant: string; readonly hash: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'busy' };

/**
 * Checks passwords against the list of devices. An unknown name costs what a known one does, so that time tells nothing. A secret that
 * was right once is known again by a keyed digest in memory: a fleet that reconnects pays for scrypt once a start of the server.
 */
export class Verifier {
  private readonly find: (device: string) => Credential | undefined;
  private readonly key = randomBytes(32);
  private readonly known = new Map<string, { readonly hash: string; readonly digest: Buffer }>();
  private readonly nobody = hashSecret(randomBytes(16).toString('hex'));
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(find: (device: string) => Credential | undefined) {
    this.find = find;
  }

  /** @param gone true once nobody waits for the answer any more */
  async verify(device: string, password: Uint8Array, gone: () => boolean): Promise<Verified> {
    const credential = isDevice(device) ? this.find(device) : undefined;
    const digest = createHmac('sha256', this.key).update(device).update('\0').update(password).digest();
    const known = this.known.get(device);
    if (
      credential !== undefined &&
      known?.hash === credential.hash &&
      timingSafeEqual(known.digest, digest)
    ) {
      return { kind: 'accepted', ...credential };
    }
    if (this.waiting.length >= WAITING_MAX) return { kind: 'busy' };
    if (this.running >= HASHES_MAX) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (gone()) {
      this.waiting.shift()?.();
      return { kind: 'refused' };
    }
    this.running++;
    try {
      const right = await matches(password, credential?.hash ?? (await this.nobody));
      if (!right || credential === undefined) return { kind: 'refused' };
      if (this.known.size >= KNOWN_MAX) this.known.clear();
      this.known.set(device, { hash: credential.hash, digest });
      return { kind: 'accepted', ...credential };
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }
}
