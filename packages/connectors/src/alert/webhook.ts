import { createHash, createHmac } from 'node:crypto';
import type { Sink } from '@linnet/core';
import { LinnetError } from '@linnet/core';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import { addressOf } from './post.ts';

export interface WebhookOptions extends DeliveryOptions {
  /** Where to post to; else the environment variable LINNET_WEBHOOK_URL. */
  readonly url?: string;
  /** Name of the environment variable with the secret that signs. Default LINNET_WEBHOOK_SECRET. */
  readonly secretEnv?: string;
  /** Now, in epoch milliseconds. */
  readonly now?: () => number;
}

/**
 * Posts each record as a JSON object, signed. With --recovery records wait in the store while the address is dead, across
 * restarts too: at least once each, in order.
 *
 * Headers: `idempotency-key`, the same whenever the same record is sent again (SHA-256 of the body);
 * `linnet-signature: t=SECONDS,v1=HEX`, HMAC-SHA-256 of `SECONDS.BODY` under the secret.
 *
 * @throws LinnetError `config.invalid` when opened without address or secret
 */
export function webhook<T>(options: WebhookOptions = {}): Sink<T> {
  const { secretEnv = 'LINNET_WEBHOOK_SECRET', now = Date.now } = options;
  return {
    kind: 'webhook',
    detached: true,
    open(context) {
      const url = addressOf(options.url, 'LINNET_WEBHOOK_URL', context.step);
      const secret = process.env[secretEnv] ?? '';
      if (secret === '') {
        throw new LinnetError(
          'config.invalid',
          `sink "${context.step}": set the environment variable ${secretEnv} to the secret that signs what is posted`,
        );
      }
      return new Delivery<T>(
        (item) => {
          const body = Buffer.from(JSON.stringify(item));
          const seconds = Math.floor(now() / 1000);
          return {
            url,
            body,
            headers: { ...idempotency(body), 'linnet-signature': signature(secret, seconds, body) },
          };
        },
        context,
        options,
      );
    },
  };
}

/** What a receiver computes to check that a body comes from who knows the secret. */
export function signature(secret: string, seconds: number, body: Uint8Array): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex')}`;
}

export function idempotency(body: Uint8Array): { readonly 'idempotency-key': string } {
  return { 'idempotency-key': createHash('sha256').update(body).digest('hex') };
}
